import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aggregate, judge, judgeTarget, quantile } from '../../src/analysis/judge.js';
import { exact, type Measurement } from '../../src/analysis/measurement.js';
import { parseTarget, type Target } from '../../src/scenario/target.js';

const between = (lower: number, upper: number): Measurement => ({ value: (lower + upper) / 2, lower, upper });

test.each([
  ['<', between(1, 2), 3, 'pass'],
  ['<', between(1, 3), 3, 'inconclusive'],
  ['<', between(1, 4), 3, 'inconclusive'],
  ['<', between(3, 4), 3, 'fail'],
  ['<=', between(1, 3), 3, 'pass'],
  ['<=', between(3, 4), 3, 'inconclusive'],
  ['<=', between(3.1, 4), 3, 'fail'],
  ['>', between(4, 5), 3, 'pass'],
  ['>', between(2, 3), 3, 'fail'],
  ['>=', between(3, 5), 3, 'pass'],
  ['>=', between(2, 2.9), 3, 'fail'],
  ['>=', between(2, 5), 3, 'inconclusive'],
  ['=', exact(1), 1, 'pass'],
  ['=', exact(0.9), 1, 'fail'],
  ['=', between(0.9, 1.1), 1, 'inconclusive'],
] as const)('%s: %o against %d is %s', (comparison, measured, limit, verdict) => {
  expect(judge(measured, comparison, limit)).toBe(verdict);
});

test('what never ended fails a limit that it has passed already, and decides nothing about a later one', () => {
  const open = { value: Infinity, lower: 10, upper: Infinity, missing: 'not recovered' };
  expect(judge(open, '<', 3)).toBe('fail');
  expect(judge(open, '<', 30)).toBe('inconclusive');
});

test('passing is never claimed for an actual value that misses the limit, nor failing for one that meets it', () => {
  const comparison = fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const, '=' as const);
  const number = fc.integer({ min: 0, max: 20 });
  const meets = (value: number, how: string, limit: number) =>
    ({
      '<': value < limit,
      '<=': value <= limit,
      '>': value > limit,
      '>=': value >= limit,
      '=': value === limit,
    })[how];
  fc.assert(
    fc.property(number, number, number, number, comparison, (a, b, where, limit, how) => {
      const [lower, upper] = [Math.min(a, b), Math.max(a, b)];
      const actual = Math.min(upper, Math.max(lower, where));
      const verdict = judge(between(lower, upper), how, limit);
      if (verdict === 'pass') expect(meets(actual, how, limit)).toBe(true);
      if (verdict === 'fail') expect(meets(actual, how, limit)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

describe('aggregates', () => {
  test.each([
    ['min', 1],
    ['max', 9],
    ['median', 4.5],
    [{ percentile: 50 }, 4],
    [{ percentile: 95 }, 9],
    [{ percentile: 10 }, 1],
  ] as const)('%o', (how, expected) => {
    expect(quantile([1, 2, 4, 5, 8, 9], how)).toBe(expected);
  });

  test('bounds of an aggregate hold the aggregate of the actual values', () => {
    const interval = fc.tuple(
      fc.integer({ max: 1000, min: 0 }),
      fc.integer({ min: 0, max: 50 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    const how = fc.constantFrom('min' as const, 'median' as const, 'max' as const, { percentile: 95 });
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 12 }), how, (drawn, by) => {
        const all = drawn.map(([lower, width]) => between(lower, lower + width));
        const actual = drawn.map(([lower, width, where]) => lower + width * where).sort((a, b) => a - b);
        const { lower, upper } = aggregate(all, by);
        expect(lower).toBeLessThanOrEqual(quantile(actual, by) + 1e-9);
        expect(upper).toBeGreaterThanOrEqual(quantile(actual, by) - 1e-9);
      }),
    );
  });

  test('without one, the figure that is hardest to meet counts', () => {
    const all = [exact(1), exact(2), exact(3)];
    const verdict = (text: string) => judgeTarget(parseTarget(text) as Target, all).verdict;
    expect(verdict('x < 3')).toBe('fail');
    expect(verdict('x < 4')).toBe('pass');
    expect(verdict('x > 1')).toBe('fail');
    expect(verdict('x median < 3')).toBe('pass');
    expect(verdict('x = 2')).toBe('fail');
    expect(judgeTarget(parseTarget('x = 2') as Target, all).measured.value).not.toBe(2);
  });
});
