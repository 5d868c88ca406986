import MarkdownIt from 'markdown-it';
import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { DrillResult } from '../../src/analysis/result.js';
import { stepSummary } from '../../src/report/github.js';
import { markdown } from '../../src/report/markdown.js';
import { simulate } from '../fixtures/recording.js';

const MS = 1e6;

/** What would be markup, were it not escaped; it ends up on one line. */
const NASTY = `- # <b>"x"</b> & &amp; 'q' | a,b *c* _d_ \`e\` [f](https://f) ![g](h) ~~i~~ \\ | ü 😀\n\n- j`;
const KEPT = NASTY.replace('\n\n', ' ');

const result = (): DrillResult => {
  const made = analyze(
    simulate({
      passes: (at) => at < 2000 * MS || at >= 2300 * MS,
      faults: [
        { action: 'inject', before: 2000 * MS, after: 2001 * MS },
        { action: 'clear', before: 6000 * MS, after: 6001 * MS },
      ],
    }),
  );
  const targets = made.targets.map((target) => ({ ...target, text: NASTY }));
  return { ...made, title: NASTY, objective: NASTY, reason: NASTY, failures: [NASTY], targets };
};

/** What a renderer makes of it: the kinds of its parts, and the text of each paragraph, heading and cell. */
function read(text: string) {
  const tokens = new MarkdownIt({ html: true }).parse(text, {});
  const inline = tokens.filter(({ type }) => type === 'inline').map(({ children }) => children ?? []);
  return {
    kinds: new Set([...tokens, ...inline.flat()].map(({ type }) => type)),
    texts: inline.map((parts) =>
      parts.map(({ type, content }) => (type === 'softbreak' ? '\n' : content)).join(''),
    ),
    columns: tokens
      .map(({ type }) => type)
      .join(' ')
      .split('tr_open')
      .slice(1)
      .map((row) => row.match(/t[hd]_open/g)!.length),
  };
}

test.each([
  ['the report', async () => String(await markdown.render(result()))],
  ['the summary of a step', async () => stepSummary(result())],
])('%s: a renderer shows nasty names as they are, and finds no markup in them', async (_, render) => {
  const { kinds, texts, columns } = read(await render());
  expect(texts[0]).toBe(`✓ PASS: ${KEPT}`);
  expect(texts[1]).toBe(KEPT);
  expect(texts.filter((text) => text === KEPT).length).toBeGreaterThanOrEqual(3);
  for (const kind of [
    'html_inline',
    'html_block',
    'link_open',
    'image',
    'em_open',
    'strong_open',
    'code_inline',
    's_open',
  ])
    expect([...kinds]).not.toContain(kind);
  // The targets come first: sign, target, measured, limit.
  expect(columns.slice(0, 2)).toEqual([4, 4]);
});
