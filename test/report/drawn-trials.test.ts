import { expect, test } from 'vitest';
import type { TargetResult, TrialResult } from '../../src/analysis/result.js';
import { drawnTrials, omittedInWords } from '../../src/report/drawn-trials.js';

const trialsOf = (count: number, invalid: number[] = []): TrialResult[] =>
  Array.from(
    { length: count },
    (_, index) => ({ trial: index + 1, valid: !invalid.includes(index + 1), complete: true }) as TrialResult,
  );

/** A target whose figures are given by trial. */
const target = (comparison: TargetResult['comparison'], figureOf: (trial: number) => number, count: number) =>
  ({
    comparison,
    limit: 1,
    trials: trialsOf(count).map(({ trial }) => ({ trial, measurement: { value: figureOf(trial) } })),
  }) as TargetResult;

const drawn = (trials: TrialResult[], targets: TargetResult[]) =>
  drawnTrials({ trials, targets }).map(({ trial }) => trial);

test('of a few trials all are drawn', () => {
  expect(drawn(trialsOf(20), [])).toHaveLength(20);
  expect(omittedInWords(0)).toBe('');
});

test('of many the first, the worst and the middling for each target, and those that do not count, in their order', () => {
  const targets = [
    target('<', (trial) => (trial === 70 ? 9 : trial / 1000), 101),
    target('>=', (trial) => (trial === 30 ? 0.5 : 1 + trial), 101),
    target('=', (trial) => (trial === 99 ? 0 : 1), 101),
  ];
  const [first, ...others] = drawn(trialsOf(101, [5, 6]), targets);
  expect(first).toBe(1);
  expect(others).toEqual(expect.arrayContaining([5, 6, 30, 70, 99]));
  expect(others).toEqual([...others].sort((a, b) => a - b));
  expect(others.length).toBeLessThan(10);
});

test('never more than twenty, the telling ones first', () => {
  const invalid = Array.from({ length: 500 }, (_, index) => index + 100);
  const chosen = drawn(trialsOf(1000, invalid), [target('<', (trial) => (trial === 999 ? 9 : 1), 1000)]);
  expect(chosen).toHaveLength(20);
  expect(chosen).toContain(999);
});
