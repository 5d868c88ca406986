import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { DrillResult } from '../../src/analysis/result.js';
import type { Event } from '../../src/recording/events.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { summarise } from '../../src/report/summary.js';
import { scenarioSchema } from '../../src/scenario/schema.js';
import { simulate, targets } from '../fixtures/recording.js';

const MS = 1e6;

const { steps } = scenarioSchema.pick({ steps: true }).parse({
  steps: [
    { inject: 'link-cut', link: 'a:eth1 <-> b:eth1' },
    { operator: 'Open a ticket', as: 'ticket' },
  ],
});

/** Cut from 2.000 to 2.001 s, cleared at 6 s; what people do is put in before the trial's end. */
function drilled(people: Event[], ...limits: string[]): DrillResult {
  const events = simulate({
    passes: (at) => at < 2000 * MS || at >= 2300 * MS,
    faults: [
      { action: 'inject', before: 2000 * MS, after: 2001 * MS },
      { action: 'clear', before: 6000 * MS, after: 6001 * MS },
    ],
    scenario: { ...(limits.length > 0 && targets(...limits)), steps },
  });
  const end = events.findIndex(({ k }) => k === 'trial-end');
  return analyze([...events.slice(0, end), ...people, ...events.slice(end)]);
}

const asked: Event = { k: 'operators', t: 0, asked: true };
const instruction = (more: object = {}): Event => ({
  k: 'instruction',
  t: 3000 * MS,
  name: 'ticket',
  text: 'Open a ticket',
  who: 'service desk',
  expect: 1000 * MS,
  within: 5000 * MS,
  evidence: 'its number',
  ...more,
});
const says = (
  act: 'confirm' | 'notice' | 'note' | 'attach' | 'abort',
  after: number,
  more: object = {},
): Event => ({
  k: 'operator',
  act,
  who: 'ann',
  by: 'page',
  before: after - 50 * MS,
  after,
  ...more,
});
const confirm = (after: number) => says('confirm', after, { instruction: 3000 * MS });

const of = (result: DrillResult, metric: string) =>
  result.measured.find((one) => one.metric === metric)?.trials[0]?.measurement;

describe('response time', () => {
  test('from the reading when it was shown to the bracket of the answer', () => {
    const result = drilled([asked, instruction(), confirm(4800 * MS)]);
    expect(of(result, 'operator_response_time')).toEqual({
      value: 1775 * MS,
      lower: 1750 * MS,
      upper: 1800 * MS,
    });
    expect(result.trials[0]!.instructions).toMatchObject([
      { name: 'ticket', ending: 'confirmed', by: 'ann', planned: 1000 * MS, late: true, evidence: [] },
    ]);
  });

  test.each([
    ['operator_response_time(ticket) < 2s', confirm(4800 * MS), 'pass'],
    ['operator_response_time(ticket) < 1700ms', confirm(4800 * MS), 'fail'],
    ['operator_response_time(ticket) < 1770ms', confirm(4800 * MS), 'inconclusive'],
    // Given up after three seconds: surely longer than two, perhaps not longer than four.
    [
      'operator_response_time(ticket) < 2s',
      { k: 'unanswered', t: 6000 * MS, instruction: 3000 * MS },
      'fail',
    ],
    [
      'operator_response_time(ticket) < 4s',
      { k: 'unanswered', t: 6000 * MS, instruction: 3000 * MS },
      'inconclusive',
    ],
  ] as [string, Event, string][])('%s, %j: %s', (target, event, verdict) => {
    expect(drilled([asked, instruction(), event], target).targets[0]!.verdict).toBe(verdict);
  });

  test('an instruction that nobody was shown decides nothing', () => {
    const result = drilled(
      [{ ...asked, asked: false }, instruction({ skipped: true })],
      'operator_response_time(ticket) < 1s',
    );
    expect(result.targets[0]).toMatchObject({
      verdict: 'inconclusive',
      measured: { lower: 0, missing: 'not asked' },
    });
    expect(result.trials[0]!.instructions[0]).toMatchObject({ ending: 'not asked', late: false });
    expect(result.trials[0]!.instructions[0]).not.toHaveProperty('ended');
  });

  test('an answer within the planned time is not late, nor one that may be', () => {
    for (const at of [3900, 4040])
      expect(drilled([asked, instruction(), confirm(at * MS)]).trials[0]!.instructions[0]!.late).toBe(false);
  });
});

describe('detection by people', () => {
  test('from the event to the first notice after it; a false alarm before it counts for nothing', () => {
    const result = drilled([
      asked,
      says('notice', 1500 * MS),
      says('notice', 2800 * MS),
      says('notice', 3000 * MS),
    ]);
    const found = of(result, 'operator_detection_time')!;
    expect(found.lower).toBe(2750 * MS - 2001 * MS);
    expect(found.upper).toBe(2800 * MS - 2000 * MS);
  });

  test('one whose bracket reaches over the event may have come at once', () => {
    const result = drilled([asked, says('notice', 2020 * MS)]);
    expect(of(result, 'operator_detection_time')).toMatchObject({ lower: 0, upper: 20 * MS });
  });

  test.each([
    ['operator_detection_time < 3s', true, 'fail'],
    ['operator_detection_time < 5s', true, 'inconclusive'],
    ['operator_detection_time < 3s', false, 'inconclusive'],
  ])('nobody noticed within the four seconds of the cut: %s, asked: %s: %s', (target, isAsked, verdict) => {
    expect(drilled([{ ...asked, asked: isAsked }], target).targets[0]!.verdict).toBe(verdict);
  });

  test('after another event', () => {
    const result = drilled(
      [asked, says('notice', 6500 * MS)],
      'operator_detection_time(after clear cut) < 600ms',
    );
    expect(result.targets[0]).toMatchObject({ verdict: 'pass', subject: '', event: 'clear cut' });
  });

  test('is no figure of a drill in which nobody was to notice anything', () => {
    expect(
      of(drilled([asked, instruction(), confirm(3500 * MS)]), 'operator_detection_time'),
    ).toBeUndefined();
  });
});

test('a drill that somebody aborted says who and why', () => {
  const events = simulate({ passes: () => true, killed: true });
  const abort = says('abort', 5000 * MS, { text: 'wrong lab' });
  const result = analyze([...events, abort, { k: 'end', t: 5100 * MS, outcome: 'interrupted' }]);
  expect(result).toMatchObject({
    verdict: 'inconclusive',
    reason: 'the drill was aborted by ann: wrong lab',
  });
});

describe('reports', () => {
  const NASTY = `<img src=x onerror=alert(1)> "q" | \`x\` 😀`;
  const result = drilled(
    [
      asked,
      instruction({ text: NASTY }),
      says('notice', 2500 * MS, { text: NASTY }),
      says('confirm', 4800 * MS, { instruction: 3000 * MS, text: NASTY }),
      says('attach', 4900 * MS, {
        instruction: 3000 * MS,
        evidence: { file: NASTY, sha256: 'ab'.repeat(32), bytes: 7 },
      }),
      instruction({ t: 5000 * MS, name: 'second' }),
      { k: 'unanswered', t: 5500 * MS, instruction: 5000 * MS },
    ],
    'operator_detection_time < 1s',
  );

  test('HTML: planned against actual, evidence and what is missing of it; nothing becomes markup', async () => {
    const page = await html.render(result);
    expect(page).not.toContain('<img');
    const rows = [...page.matchAll(/<table class="operators">.*?<\/table>/gs)][0]![0];
    expect(rows).toContain('1.77 s [1.75 s, 1.8 s], late');
    expect(rows).toContain(`7 bytes, SHA-256 ${'ab'.repeat(32)}`);
    expect(rows).toContain('missing: its number');
    expect(rows).toContain('not answered (more than 500 ms)');
    expect(page).toMatch(/<svg[\s\S]*ticket: longer than planned/);
    expect(page).toContain('ann confirmed ticket: &lt;img');
  });

  test('Markdown: a row each, cells stay cells', async () => {
    const lines = (await markdown.render(result)).split('\n');
    const at = lines.indexOf('### Operators');
    const rows = lines.slice(at + 4, at + 6);
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(8);
    expect(rows[0]).toContain('confirmed by ann');
    expect(rows[1]).toContain('missing: its number');
  });

  test('the summary says whether people did their part', () => {
    expect(summarise(result)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^By people it was noticed after 4\d\d ms at worst; allowed is < 1 s\.$/),
        'People confirmed 1 of 2 instructions; 1 took longer than planned.',
      ]),
    );
  });
});
