import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { DrillResult } from '../../src/analysis/result.js';
import { html } from '../../src/report/html.js';
import { json } from '../../src/report/json.js';
import { junit } from '../../src/report/junit.js';
import { markdown } from '../../src/report/markdown.js';
import { plain } from '../../src/report/markdown-text.js';
import { renderTerminal } from '../../src/report/terminal.js';
import { simulate, simulateTrials } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';

const MS = 1e6;

/** Names that break what is not escaped. */
const NASTY = `<script>alert("x")</script> & 'q' | * ü 😀 \u0007 ]]> \ud800`;

function result(title = 'A cut', outage = 300 * MS): DrillResult {
  const made = analyze(
    simulate({
      passes: (at) => at < 2000 * MS || at >= 2000 * MS + outage,
      faults: [
        { action: 'inject', before: 2000 * MS, after: 2001 * MS },
        { action: 'clear', before: 6000 * MS, after: 6001 * MS },
      ],
      links: () => ({ 'a:eth1 <-> b:eth1': [8, 8] }),
    }),
  );
  return { ...made, title, name: title, objective: title, problems: title === 'A cut' ? [] : [title] };
}

const render = (format: { render: (result: DrillResult) => string | Promise<string> }, of: DrillResult) =>
  format.render(of);

/** Parses XML with another program; returns what an XPath says. */
function xpath(xml: string, expression: string): string {
  const file = join(temporaryFolder(), 'junit.xml');
  writeFileSync(file, xml);
  return execFileSync('xmllint', ['--nonet', '--xpath', expression, file], { encoding: 'utf8' }).trim();
}

describe('JUnit', () => {
  test('one test case a target, with the measured value and its bounds, and one for the verdict', async () => {
    const xml = await render(junit, result());
    expect(xpath(xml, 'string(//testcase/@name)')).toBe('loss_of_connectivity(app) < 1s');
    expect(xpath(xml, 'string(//testcase/system-out)')).toMatch(
      /^measured 300 ms \[29\d ms, 30\d ms\], limit max < 1 s$/,
    );
    expect(xpath(xml, 'concat(//testsuite/@tests, //testsuite/@failures, //testsuite/@errors)')).toBe('200');
  });

  test('a missed target is a failure, an undecided one an error', async () => {
    expect(xpath(await render(junit, result('A cut', 1500 * MS)), 'string(//failure/@message)')).toContain(
      'limit max < 1 s',
    );
    expect(xpath(await render(junit, result('A cut', 1000 * MS)), 'string(//error/@message)')).toContain(
      'limit max < 1 s',
    );
  });

  test('nasty names survive', async () => {
    expect(xpath(await render(junit, result(NASTY)), 'string(//testsuite/@name)')).toBe(
      NASTY.replace('\u0007', '\ufffd').replace('\ud800', '\ufffd'),
    );
  });
});

describe('HTML', () => {
  test('nothing of a name becomes markup', async () => {
    const page = await render(html, result(NASTY));
    // The page's own, which looks closer at timelines.
    expect(page.match(/<script/gi)).toHaveLength(1);
    expect(page).toContain('&lt;script&gt;');
  });

  test('it needs nothing else: no address to fetch, and no script to be read', async () => {
    const page = await render(html, result());
    expect(page).not.toMatch(/<script |<link[^>]+stylesheet|@import|url\(|fetch\(|import\(|XMLHttpRequest/);
    expect(page.match(/(?:src|href)="([^"]*)"/g)).toEqual(['href="data:,"']);
    // Everything is there before it runs.
    const [whole, without] = [page, page.replace(/<script>[\s\S]*<\/script>/, '')];
    for (const element of ['<svg', '<table', '<li'])
      expect(without.split(element)).toHaveLength(whole.split(element).length);
  });
});

test('JSON holds the whole result, an infinite bound as null', async () => {
  const parsed = JSON.parse(await render(json, result('A cut', 9000 * MS))) as DrillResult;
  expect(parsed).toMatchObject({ version: 1, verdict: 'fail' });
  expect(
    parsed.measured.find(({ metric }) => metric === 'recovery_time')!.trials[0]!.measurement,
  ).toMatchObject({ upper: null, missing: 'not recovered' });
});

test.each([
  ['- a', '\\- a'],
  ['+3 ms', '\\+3 ms'],
  ['1. a', '1\\. a'],
  ['11.5 µs', '11.5 µs'],
])('Markdown: %s is text and no list, and nothing is added to it', (text, expected) => {
  expect(plain(text)).toBe(expected);
});

test('Markdown: a nasty name stays one line, and a cell stays one cell', async () => {
  const text = await render(markdown, result(NASTY));
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  for (const row of rows) expect(row.replaceAll('\\|', '').split('|').length).toBeGreaterThanOrEqual(4);
  expect(text.split('\n')[0]).toContain('\\<script\\>');
});

test('the terminal shows the verdict first, then each target beside its limit', () => {
  const lines = renderTerminal(result()).split('\n');
  expect(lines[0]).toMatch(/PASS.*A cut/);
  expect(lines[3]).toMatch(/✓ loss_of_connectivity\(app\) +300 ms \[29\d ms, 30\d ms\] +max < 1 s/);
});

describe('several trials', () => {
  const spread = (trials: number) =>
    analyze(simulateTrials(Array.from({ length: trials }, (_, index) => (300 + 10 * index) * MS)));

  test('the terminal shows their median, with an interval where there are enough', () => {
    expect(renderTerminal(spread(3))).toMatch(/max < 1 s {3}median 310 ms$/m);
    expect(renderTerminal(spread(6))).toMatch(/max < 1 s {3}median 325 ms \(95 %: 29\d ms to 35\d ms\)$/m);
  });

  test('Markdown and HTML say how many trials a figure would take', async () => {
    for (const format of [markdown, html]) {
      const text = await render(format, spread(3));
      expect(text).toMatch(/310 ms \(interval needs 6 trials\)/);
      expect(text).toContain('needs 20 trials');
      expect(await render(format, result())).not.toContain('needs 20 trials');
    }
  });

  test('a target has its own statistics beside those of its quantity', async () => {
    const [page, text] = [await render(html, spread(6)), await render(markdown, spread(6))];
    expect(page).toMatch(
      /6 trials: least 300 ms \[.*\], median 325 ms \(95 %: .*\), 95th percentile needs 20 trials, most 350 ms/,
    );
    expect(text).toMatch(/^\| loss\\_of\\_connectivity\(app\) \\< 1s \| 6 \| 300 ms/m);
    expect(text).toMatch(/^\| loss\\_of\\_connectivity\(app\) \| 6 \| 300 ms/m);
  });

  test('the summary says what a drill has shown that went on until it was decided', async () => {
    const until = { 'until-decided': { most: 100, share: 0.9 } };
    const decided = (trials: number) =>
      analyze(simulateTrials(Array(trials).fill(300 * MS), { scenario: until, flows: 1, interval: 20 * MS }));
    expect(await render(markdown, decided(29))).toContain(
      'met in 29 of 29 trials; with 95 % confidence at least 90 % of all trials meet it.',
    );
    expect(await render(html, decided(3))).toContain('met in 3 of 3 trials, which decides nothing.');
    expect(renderTerminal(decided(3))).toMatch(/^INCONCLUSIVE[\s\S]*\? .*met in 3 of 3, median 300 ms$/m);
  });

  test('JSON holds the interval', async () => {
    const { targets } = JSON.parse(await render(json, spread(6))) as DrillResult;
    expect(targets[0]!.statistics).toMatchObject({
      trials: 6,
      confidence: 0.95,
      median: { interval: { lower: expect.any(Number) }, needs: { interval: 6 } },
      p95: { needs: { measured: 20, interval: 72 } },
    });
  });
});
