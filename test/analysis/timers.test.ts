import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { markdown } from '../../src/report/markdown.js';
import { describeFit, describeImplied } from '../../src/report/words.js';
import { type Implication, parseImplication } from '../../src/scenario/implication.js';
import { simulateTrials } from '../fixtures/recording.js';

const MS = 1e6;

/** What becomes of an implication where the outages of the trials are as long as this, milliseconds. */
const judged = (text: string, ...outages: number[]) => {
  const timers = [{ timer: 'dead interval', value: '3 s', implies: [parseImplication(text) as Implication] }];
  const result = analyze(
    simulateTrials(
      outages.map((outage) => outage * MS),
      { scenario: { timers } },
    ),
  );
  return { result, implied: result.timers[0]!.implies[0]! };
};

test.each([
  ['recovery_time(app) 250ms to 350ms', [300], 'agrees'],
  ['recovery_time(app) 250ms to 350ms', [300, 310, 320], 'agrees'],
  ['recovery_time(app) 250ms to 350ms', [300, 300, 500], 'contradicts'],
  ['recovery_time(app) 400ms to 500ms', [300], 'contradicts'],
  ['recovery_time(app) at least 400ms', [300], 'contradicts'],
  ['recovery_time(app) at most 250ms', [300], 'contradicts'],
  ['recovery_time(app) at least 100ms', [300], 'agrees'],
  // The bounds of what was measured reach beyond.
  ['recovery_time(app) 301ms to 400ms', [300], 'cannot tell'],
  // Not recovered while it was watched: more than 1.4 s.
  ['recovery_time(app) 100ms to 1s', [9000], 'contradicts'],
  ['recovery_time(app) 100ms to 5s', [9000], 'cannot tell'],
  ['detection_time(nobody) 1ms to 5s', [], 'cannot tell'],
] as const)('%s, measured %j: %s', (text, outages, verdict) => {
  expect(judged(text, ...outages).implied.verdict).toBe(verdict);
});

test('it judges nothing', () => {
  const { result } = judged('recovery_time(app) at most 250ms', 300);
  expect(result.verdict).toBe('pass');
});

test('the report shows the timer beside the smallest and the largest figure, and in how many trials it contradicts', async () => {
  const { result, implied } = judged('recovery_time(app) 250ms to 350ms', 300, 320, 500);
  expect(describeImplied(implied)).toMatch(/^30\d ms \[.*\] to 50\d ms \[.*\]$/);
  expect(describeFit(implied)).toBe('contradicts the timer in 1 of 3 trials');
  expect(await markdown.render(result)).toMatch(
    /^\| ✗ \| dead interval: 3 s \| recovery\\_time\(app\) 250ms to 350ms \| 30\d ms .*contradicts the timer in 1 of 3 trials \|$/m,
  );
});

test('a recording of before there were timers has none', () => {
  const events = simulateTrials([300 * MS]);
  for (const event of events)
    if (event.k === 'scenario') event.scenario = { ...event.scenario, timers: undefined as never };
  expect(analyze(events).timers).toEqual([]);
});
