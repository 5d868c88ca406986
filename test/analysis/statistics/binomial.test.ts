import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binomialUpTo, logBinomial } from '../../../src/analysis/statistics/binomial.js';

test.each([
  // Tables of the binomial distribution.
  [2, 10, 0.5, 0.0546875],
  [5, 20, 0.5, 0.02069473],
  [18, 20, 0.95, 0.2641605],
  [1, 3, 0.2, 0.896],
  [-1, 5, 0.5, 0],
  [5, 5, 0.5, 1],
])('at most %d of %d with a chance of %d: %d', (successes, tries, chance, expected) => {
  expect(binomialUpTo(successes, tries, chance)).toBeCloseTo(expected, 7);
});

test('all terms add up to one', () => {
  const chance = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), chance, (tries, chance) => {
      const all = Array.from({ length: tries + 1 }, (_, k) => Math.exp(logBinomial(k, tries, chance)));
      expect(all.reduce((sum, term) => sum + term, 0)).toBeCloseTo(1, 9);
    }),
    { numRuns: 30 },
  );
});

test('what is too unlikely for a number still has a logarithm', () => {
  expect(logBinomial(0, 1000, 0.95)).toBeCloseTo(1000 * Math.log(0.05), 6);
});
