import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { DrillResult } from '../../src/analysis/result.js';
import { lastTimeInWords, servicesOf } from '../../src/report/glance.js';
import { summarise } from '../../src/report/summary.js';
import { simulateTrials, targets } from '../fixtures/recording.js';

const MS = 1e6;

/** A drill whose trials were interrupted so long, milliseconds. */
const drill = (outages: readonly number[], ...limits: string[]): DrillResult =>
  analyze(
    simulateTrials(
      outages.map((outage) => outage * MS),
      limits.length > 0 ? { scenario: targets(...limits) } : {},
    ),
  );

const service = (result: DrillResult) => servicesOf(result)[0]!;

test.each([
  ['recovery_time(app) < 1s', [300], 'yes: < 1 s', /^30\d ms \[.*\]$/],
  ['recovery_time(app) < 1s', [300, 310, 320], 'yes: < 1 s', /^at worst 32\d ms \[.*\]; median 31\d ms$/],
  ['recovery_time(app) < 200ms', [300], 'no: < 200 ms', /^30\d ms/],
  ['recovery_time(app) < 1s', [9000], 'no: < 1 s', /^not recovered \(more than 1\.\d+ s\)$/],
  ['recovery_time(app) < 1s', [0], 'yes: < 1 s', /^not interrupted$/],
  ['recovery_time(app after clear cut) < 1s', [300], 'yes: < 1 s', /^not interrupted after clear cut$/],
  ['loss_of_connectivity(app) < 1s', [300], 'yes: < 1 s', /^300 ms \[.*\]$/],
  ['packets_lost(app) < 1', [300], 'no limit set', /^30\d ms \[.*\]$/],
] as const)('%s, interrupted for %j ms: %s', (limit, outages, allowed, cost) => {
  const found = service(drill(outages, limit));
  expect(found).toMatchObject({ service: 'app', whom: 'a to b (udp, 4 streams)', allowed, lastTime: '' });
  expect(found.cost).toMatch(cost);
});

test('trials that do not count are not counted', () => {
  const result = drill([300, 300, 300]);
  const [first, ...others] = result.trials;
  const trials = [{ ...first!, valid: false }, ...others];
  expect(summarise({ ...result, trials })[1]).toMatch(
    /^In 2 valid trials \(1 more did not count\) on the lab/,
  );
});

describe('against the drill before', () => {
  const previous = (verdict: 'worse' | 'not worse' | 'cannot tell'): DrillResult => ({
    ...drill([300, 310, 320], 'recovery_time(app) < 1s'),
    previous: {
      id: 'x',
      started: '2026-01-01T08:30:00.000Z',
      drill: 'pass',
      verdict,
      reason: 'a reason',
      rows: [
        {
          metric: 'recovery_time',
          subject: 'app',
          unit: 'duration',
          verdict,
          before: 200 * MS,
          now: 310 * MS,
        },
      ],
    },
  });

  test.each([
    ['worse', 'It is worse than last time'],
    ['not worse', 'It is not worse than last time'],
    ['cannot tell', 'Whether it is worse than last time cannot be told'],
  ] as const)('%s', (verdict, begins) => {
    const result = previous(verdict);
    const sentence = `${begins}, the drill of 2026-01-01 08:30 UTC, which passed (a reason).`;
    expect(lastTimeInWords(result)).toBe(sentence);
    expect(summarise(result)).toContain(sentence);
    expect(service(result).lastTime).toBe(`median 200 ms then, 310 ms now: ${verdict}`);
  });

  test('there is none', () => {
    expect(lastTimeInWords(drill([300]))).toBeUndefined();
  });
});
