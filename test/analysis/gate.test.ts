import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { GATE_RISK, gate, lackingTrials } from '../../src/analysis/comparison/gate.js';
import type { DrillResult } from '../../src/analysis/result.js';
import { randomFrom } from '../fixtures/random.js';
import { simulateTrials, targets } from '../fixtures/recording.js';

const MS = 1e6;
const drill = (outages: readonly number[], options: Parameters<typeof simulateTrials>[1] = {}): DrillResult =>
  analyze(
    simulateTrials(
      outages.map((length) => length * MS),
      options,
    ),
  );
const around = (middle: number, count = 6) =>
  drill(Array.from({ length: count }, (_, index) => middle + index));

describe('the gate', () => {
  const baseline = around(300);
  test.each([
    ['the same again', around(300), 'no regression'],
    ['better', around(100), 'no regression'],
    ['significant, but tolerated', around(318), 'no regression'],
    ['larger than tolerated, but not significant', drill([250, 290, 340, 390, 440, 280]), 'no regression'],
    ['both', around(360), 'regression'],
    ['too few trials for anything', around(900, 2), 'cannot tell'],
    ['no valid trial', drill([500], { killed: true }), 'cannot tell'],
  ])('%s', (_, change, verdict) => {
    expect(gate({ baseline, change }).verdict).toBe(verdict);
  });

  test('says what is the matter, and what would have been needed', () => {
    expect(gate({ baseline, change: around(360) }).reason).toBe('worse: loss_of_connectivity(app)');
    expect(gate({ baseline, change: around(900, 2) }).reason).toBe(
      'too few trials of loss_of_connectivity(app): it takes 5 on each side',
    );
    expect(gate({ baseline, change: around(300) }).reason).toBe(
      'nothing that a target limits is shown to be worse by more than 10 %',
    );
    expect(gate({ baseline, change: around(360), tolerance: 0.3 }).reason).toContain('more than 30 %');
  });

  test('what was not measured again is not taken for the same', () => {
    const scenario = targets('loss_of_connectivity(app) < 1s', 'recovery_time(app after cut) < 1s');
    const before = drill([300, 301, 302, 303, 304, 305], { scenario });
    const after = { ...before, measured: before.measured.filter(({ metric }) => metric !== 'recovery_time') };
    expect(gate({ baseline: before, change: after })).toMatchObject({
      verdict: 'cannot tell',
      reason: 'not measured in both: recovery_time(app after cut)',
    });
  });

  test('errs as rarely as it says, however wide the spread', () => {
    const random = randomFrom(7);
    const one = around(300, 8);
    const [quantity] = one.measured.filter(({ metric }) => metric === 'loss_of_connectivity');
    // Far wider than the tolerance, so that only the test holds it back.
    const another = (): DrillResult => ({
      ...one,
      measured: [
        {
          ...quantity!,
          trials: quantity!.trials.map(({ trial }) => {
            const value = (100 + 900 * random()) * MS;
            return { trial, measurement: { value, lower: value, upper: value } };
          }),
        },
      ],
    });
    const rounds = 4000;
    const alarms = Array.from({ length: rounds }, () =>
      gate({ baseline: another(), change: another() }),
    ).filter(({ verdict }) => verdict === 'regression').length;
    // Three deviations of a binomial variable above what is promised.
    expect(alarms).toBeLessThan(rounds * GATE_RISK + 3 * Math.sqrt(rounds * GATE_RISK));
    expect(alarms).toBeGreaterThan(0);
  });
});

test.each([
  [6, 6, 0],
  [2, 6, 2],
  [1, 20, 1],
  [2, 20, 0],
  [0, 20, 2],
])('a baseline of %i trials beside %i lacks %i', (before, after, lacking) => {
  const baseline = around(300, Math.max(1, before));
  const trimmed = { ...baseline, trials: baseline.trials.slice(0, before) };
  expect(lackingTrials(trimmed, after)).toBe(lacking);
});
