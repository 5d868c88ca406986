import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atLeast, exact, type Measurement } from '../../../src/analysis/measurement.js';
import { rankOfShift, trialsForShift } from '../../../src/analysis/statistics/rank-sum.js';
import { rankTest } from '../../../src/analysis/statistics/rank-test.js';
import { shiftBetween } from '../../../src/analysis/statistics/shift.js';
import { randomFrom } from '../../fixtures/random.js';

const figures = (...values: number[]): Measurement[] => values.map((value) => exact(value));
const round = (value: number) => Number(value.toFixed(9));

describe('Hollander and Wolfe, 4.1: permeability of the human chorioamnion', () => {
  const term = figures(0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46);
  const early = figures(1.15, 0.88, 0.9, 0.74, 1.21);

  test('rank test', () => {
    expect(rankTest(early, term)).toBeCloseTo(2 * 0.1272, 3);
    expect(rankTest(term, early)).toBe(rankTest(early, term));
  });

  test('shift and its interval', () => {
    const { estimate, interval } = shiftBetween(early, term, 0.025);
    expect(round(estimate.value)).toBe(0.305);
    expect([interval!.lower, interval!.upper].map(round)).toEqual([-0.15, 0.76]);
  });
});

describe('ranks of the ends of an interval of 95 %, by the tables of Mann and Whitney', () => {
  test.each([
    [3, 3, undefined],
    [4, 4, 1],
    [5, 5, 3],
    [8, 8, 14],
    [10, 10, 24],
    [20, 20, 128],
    [3, 5, 1],
    [2, 7, undefined],
    [2, 8, 1],
    [5, 10, 9],
  ])('%d and %d: %s', (first, second, rank) => {
    expect(rankOfShift(first, second, 0.025)).toBe(rank);
    expect(rankOfShift(second, first, 0.025)).toBe(rank);
  });

  test('of many trials the normal distribution has the same', () => {
    // One more pair than is counted one by one.
    const [counted, near] = [rankOfShift(100, 100, 0.025)!, rankOfShift(100, 101, 0.025)!];
    expect(near / (100 * 101)).toBeCloseTo(counted / (100 * 100), 3);
  });

  test('the trials that it needs are the fewest that have one', () => {
    for (const tail of [0.025, 0.01, 0.0025]) {
      const needs = trialsForShift(tail);
      expect(rankOfShift(needs, needs, tail)).toBeGreaterThanOrEqual(1);
      expect(rankOfShift(needs - 1, needs - 1, tail)).toBeUndefined();
    }
  });
});

describe('rank test', () => {
  test.each([
    ['all apart', figures(1, 2, 3, 4), figures(5, 6, 7, 8), 2 / 70],
    ['all equal', figures(1, 1, 1), figures(1, 1, 1), 1],
    ['one apart', figures(1, 2, 3, 5), figures(4, 6, 7, 8), 4 / 70],
    [
      'endless against finite',
      figures(1, 2, 3, 4),
      Array.from({ length: 4 }, () => atLeast(9, 'not recovered')),
      2 / 70,
    ],
    [
      'endless, but perhaps soon over',
      figures(1, 2, 3, 4),
      Array.from({ length: 4 }, () => atLeast(0, 'not recovered')),
      1,
    ],
  ])('%s', (_, first, second, expected) => {
    expect(rankTest(first, second)).toBeCloseTo(expected, 9);
  });

  /** The same by dealing the figures out in every way. */
  function byHand(first: readonly Measurement[], second: readonly Measurement[]): number {
    const all = [...first, ...second];
    const above = (one: Measurement, other: Measurement) =>
      one.lower > other.upper ? 1 : one.upper < other.lower ? -1 : 0;
    const statistic = (chosen: number) => {
      let sum = 0;
      for (const [i, one] of all.entries())
        for (const [j, other] of all.entries())
          if ((chosen >> i) & 1 && !((chosen >> j) & 1)) sum += above(one, other);
      return Math.abs(sum);
    };
    const ones = (bits: number) => bits.toString(2).replaceAll('0', '').length;
    const choices = Array.from({ length: 2 ** all.length }, (_, bits) => bits).filter(
      (bits) => ones(bits) === second.length,
    );
    const seen = statistic((2 ** second.length - 1) << first.length);
    return choices.filter((chosen) => statistic(chosen) >= seen).length / choices.length;
  }

  test('is exact, with ties and overlaps', () => {
    const figure = fc
      .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 3 }))
      .map(([value, error]) => ({ value, lower: value - error, upper: value + error }));
    const sample = fc.array(figure, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        expect(rankTest(first, second)).toBeCloseTo(byHand(first, second), 9);
      }),
      { numRuns: 60 },
    );
  });

  test('of many trials the normal distribution says the same', () => {
    const random = randomFrom(3);
    const draw = (size: number, shift: number) =>
      figures(...Array.from({ length: size }, () => random() + shift));
    const first = draw(50, 0);
    const second = draw(50, 0.1);
    const counted = rankTest(first, second);
    // One figure more, in the middle of both, takes the other way.
    expect(rankTest([...first, exact(0.55)], second)).toBeCloseTo(counted, 1);
    expect(counted).toBeGreaterThan(0.001);
    expect(counted).toBeLessThan(0.999);
  });
});

describe('shift', () => {
  test('what differs by less than the errors of measurement has 0 in its interval', () => {
    const around = (value: number) => ({ value, lower: value - 6, upper: value + 6 });
    const [before, after] = [100, 110].map((value) =>
      [0, 1, 2, 3, 4].map((index) => around(value + index / 10)),
    );
    const { estimate, interval } = shiftBetween(before!, after!, 0.025);
    expect(estimate.value).toBeCloseTo(10);
    expect(interval!.lower).toBeLessThan(0);
    expect(
      shiftBetween(figures(100, 100.1, 100.2, 100.3), figures(110, 111, 112, 113), 0.025).interval!.lower,
    ).toBeGreaterThan(9);
  });

  test('what never came to its end is longer by an unknown time, and by as much as was seen', () => {
    const endless = Array.from({ length: 5 }, () => atLeast(30, 'not recovered'));
    const { estimate, interval } = shiftBetween(figures(1, 2, 3, 4, 5), endless, 0.025);
    expect(estimate).toEqual({ value: Infinity, lower: 27, upper: Infinity });
    expect(interval).toEqual({ lower: 25, upper: Infinity });
    expect(shiftBetween(endless, figures(1, 2, 3, 4, 5), 0.025).interval).toEqual({
      lower: -Infinity,
      upper: -25,
    });
    expect(shiftBetween(endless, endless, 0.025)).toEqual({
      estimate: { value: 0, lower: -Infinity, upper: Infinity },
      interval: { lower: -Infinity, upper: Infinity },
    });
  });

  test('swapping the samples turns the interval round', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 9 });
    fc.assert(
      fc.property(sample, sample, (one, other) => {
        const there = shiftBetween(figures(...one), figures(...other), 0.025);
        const back = shiftBetween(figures(...other), figures(...one), 0.025);
        expect(back.estimate.value).toBeCloseTo(-there.estimate.value, 9);
        expect(back.interval!.lower).toBeCloseTo(-there.interval!.upper, 9);
      }),
    );
  });

  test.each([
    ['even', (random: number) => random],
    ['long-tailed', (random: number) => -Math.log(1 - random)],
    ['whole numbers', (random: number) => Math.floor(3 * random)],
  ])('simulated, %s: the interval holds the true shift at least as often as it says', (_, draw) => {
    const random = randomFrom(7);
    const repeats = 2000;
    for (const [first, second] of [
      [5, 5],
      [4, 12],
    ] as const) {
      let held = 0;
      for (let repeat = 0; repeat < repeats; repeat++) {
        const one = figures(...Array.from({ length: first }, () => draw(random())));
        const other = figures(...Array.from({ length: second }, () => draw(random()) + 2));
        const { lower, upper } = shiftBetween(one, other, 0.025).interval!;
        if (lower <= 2 + 1e-9 && 2 - 1e-9 <= upper) held++;
      }
      expect(held / repeats).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.05 * 0.95) / repeats));
    }
  });
});
