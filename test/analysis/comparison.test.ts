import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { compare } from '../../src/analysis/comparison/compare.js';
import { compareRows, type Pair } from '../../src/analysis/comparison/rows.js';
import { exact, type Measurement } from '../../src/analysis/measurement.js';
import type { DrillResult, MeasuredResult } from '../../src/analysis/result.js';
import { randomFrom } from '../fixtures/random.js';
import { simulateTrials, targets } from '../fixtures/recording.js';

const MS = 1e6;

const measured = (
  quantity: Pick<MeasuredResult, 'metric' | 'unit'>,
  figures: readonly (number | Measurement)[],
): MeasuredResult => ({
  ...quantity,
  subject: 'app',
  trials: figures.map((figure, index) => ({
    trial: index + 1,
    measurement: typeof figure === 'number' ? exact(figure) : figure,
  })),
});

const TIME = { metric: 'recovery_time', unit: 'duration' } as const;
const SCORE = { metric: 'mos', unit: 'number' } as const;
const SURVIVED = { metric: 'sessions_survived', unit: 'share' } as const;
const ONSET = { metric: 'time_to_loss', unit: 'duration' } as const;
const LOW = [100, 101, 102, 103, 104, 105];
const HIGH = LOW.map((value) => value + 50);

const pair = (
  quantity: Pick<MeasuredResult, 'metric' | 'unit'>,
  baseline: readonly (number | Measurement)[],
  change: readonly (number | Measurement)[],
): Pair => ({ baseline: measured(quantity, baseline), change: measured(quantity, change), limit: 300 });

describe('verdict of a quantity', () => {
  /** Nothing was lost, and an outage that fell between two packets was at most so long. */
  const upTo13 = (more: number) => ({ value: 0, lower: 0, upper: 10 + more });
  const wide = (value: number) => ({ value, lower: value - 40, upper: value + 40 });
  test.each([
    ['a longer time', pair(TIME, LOW, HIGH), 'worse'],
    ['a shorter time', pair(TIME, HIGH, LOW), 'better'],
    ['a higher score', pair(SCORE, LOW, HIGH), 'better'],
    ['a lower score', pair(SCORE, HIGH, LOW), 'worse'],
    ['nobody can say what is better', pair(ONSET, LOW, HIGH), 'different'],
    ['the very same', pair(TIME, LOW, LOW), 'same'],
    [
      'perhaps longer by more than is tolerated',
      pair(
        TIME,
        LOW,
        LOW.map((value) => value + 4),
      ),
      'cannot tell',
    ],
    ['all of it tolerated', pair(TIME, [100, 100, 100, 100], [103, 103, 103, 103]), 'same'],
    ['shares are not tolerated to differ', pair(SURVIVED, [1, 1, 1, 1], [0.98, 0.98, 0.98, 0.98]), 'worse'],
    [
      'nothing from nothing',
      pair({ metric: 'packets_lost', unit: 'number' }, [0, 0, 0, 0], [0, 0, 0, 0]),
      'same',
    ],
    [
      'the same, as closely as it was measured',
      pair(TIME, [0, 1, 2, 3].map(upTo13), [3, 1, 2, 0].map(upTo13)),
      'same',
    ],
    ['less than the errors of measurement', pair(TIME, LOW.map(wide), HIGH.map(wide)), 'cannot tell'],
    [
      'perhaps better, surely not worse',
      pair(
        TIME,
        [100, 100, 100, 200, 200, 200],
        LOW.map(() => 100),
      ),
      'not worse',
    ],
    ['too few trials', pair(TIME, LOW.slice(3), HIGH.slice(3)), 'cannot tell'],
  ])('%s', (_, of, verdict) => {
    expect(compareRows([of], 0.05)[0]!.verdict).toBe(verdict);
  });
});

test('a difference as large as a row could have shown is shown', () => {
  const change = [90, 120, 100, 115, 95, 108];
  const [row] = compareRows([pair(TIME, LOW, change)], 0);
  expect(row!.verdict).toBe('cannot tell');
  const moved = change.map((value) => value + row!.detectable! - row!.difference.value + 0.001);
  expect(compareRows([pair(TIME, LOW, moved)], 0)[0]!.verdict).toBe('worse');
});

test('with more quantities that count each takes more trials, and the others do not', () => {
  const rows = (count: number) =>
    compareRows(
      Array.from({ length: count }, () => pair(TIME, LOW, HIGH)),
      0.05,
    );
  expect(rows(1)[0]).toMatchObject({ confidence: 0.95, needs: 4 });
  expect(rows(9)[0]!.confidence).toBeCloseTo(1 - 0.1 / 9);
  expect(rows(9)[0]!.needs).toBe(5);
  const [, other] = compareRows(
    [pair(TIME, LOW, HIGH), { baseline: measured(TIME, LOW), change: measured(TIME, HIGH) }],
    0.05,
  );
  expect(other!.confidence).toBe(0.95);
});

test('simulated: two drills of one lab are called worse in at most 5 %, whatever the number of quantities', () => {
  const random = randomFrom(5);
  const repeats = 400;
  const draw = () => Array.from({ length: 6 }, () => 300 - 50 * Math.log(1 - random()));
  for (const count of [1, 8]) {
    let alarms = 0;
    for (let repeat = 0; repeat < repeats; repeat++) {
      const pairs = Array.from({ length: count }, () => pair(TIME, draw(), draw()));
      if (compareRows(pairs, 0).some(({ verdict }) => verdict === 'worse')) alarms++;
    }
    expect(alarms / repeats).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / repeats));
  }
});

describe('two drills', () => {
  const drill = (middle: number, ...limits: string[]): DrillResult =>
    analyze(
      simulateTrials(
        [0, 1, 2, 3, 4, 5].map((index) => (middle + index) * MS),
        { ...(limits.length > 0 && { scenario: targets(...limits) }) },
      ),
    );

  test('what targets limit comes first and makes the verdict', () => {
    const { rows, verdict } = compare({
      baseline: drill(300),
      change: drill(500, 'packets_reordered(app) = 0'),
    });
    // Of both drills: the baseline limits the loss of connectivity.
    expect(rows.filter(({ counts }) => counts).map(({ metric }) => metric)).toEqual([
      'loss_of_connectivity',
      'packets_reordered',
    ]);
    expect(rows.slice(0, 2).every(({ counts }) => counts)).toBe(true);
    expect(verdict).toBe('worse');
    const limits = ['packets_reordered(app) = 0'];
    expect(compare({ baseline: drill(300, ...limits), change: drill(500, ...limits) })).toMatchObject({
      verdict: 'not worse',
    });
  });

  test('a quantity that the change no longer measures cannot be called not worse', () => {
    const baseline = drill(300, 'longest_loss_period(app after clear cut) < 1s');
    const comparison = compare({ baseline, change: drill(300) });
    expect(comparison).toMatchObject({
      verdict: 'cannot tell',
      reason: 'not measured in both: longest_loss_period(app after clear cut)',
      unpaired: [{ quantity: { metric: 'longest_loss_period', event: 'clear cut' }, side: 'baseline' }],
    });
  });

  test('a change that never recovers is worse by at least what was seen of it', () => {
    const limits = ['recovery_time(app) < 3s'];
    const { rows, verdict } = compare({ baseline: drill(300, ...limits), change: drill(1500, ...limits) });
    expect(verdict).toBe('worse');
    expect(rows[0]).toMatchObject({ metric: 'recovery_time', difference: { value: Infinity } });
    expect(rows[0]!.interval!.lower / MS).toBeGreaterThan(1150);
    expect(rows[0]!.interval!.lower / MS).toBeLessThan(1200);
  });

  test('what else is different is listed', () => {
    const baseline = drill(300);
    const change = {
      ...baseline,
      seed: 7,
      files: [baseline.files[0]!, { path: 'config/frr.conf', sha256: 'a'.repeat(64) }],
      scenario: {
        text: baseline.scenario.text.replace('mode: silent', 'mode: carrier'),
        variables: { TIMER: '3' },
      },
      method: { ...baseline.method, netem: { engine: 'userspace', late: 0 } },
    };
    const { changes, scenarioDiff } = compare({ baseline, change });
    expect(changes).toEqual([
      { what: 'seed', baseline: '1', change: '7' },
      { what: 'engine of the impairments', baseline: 'none', change: 'userspace' },
      { what: 'file config/frr.conf', change: 'aaaaaaaaaaaa' },
      { what: 'variable TIMER', change: '3' },
    ]);
    expect(scenarioDiff).toEqual([
      '     link: a:eth1 <-> b:eth1',
      '-    mode: silent',
      '+    mode: carrier',
      '     as: cut',
    ]);
    expect(compare({ baseline, change: baseline })).toMatchObject({ changes: [], scenarioDiff: [] });
  });
});
