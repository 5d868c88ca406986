import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atLeast, exact, type Measurement } from '../../../src/analysis/measurement.js';
import { estimate, ranksAround, statisticsOf } from '../../../src/analysis/statistics/quantiles.js';
import { randomFrom } from '../../fixtures/random.js';

describe('ranks that hold a quantile with 95 %', () => {
  test.each([
    // Conover, Practical Nonparametric Statistics, and Hahn and Meeker, Statistical Intervals.
    ['median', 0.5, 5, undefined],
    ['median', 0.5, 6, { from: 1, to: 6 }],
    ['median', 0.5, 10, { from: 2, to: 9 }],
    ['median', 0.5, 15, { from: 4, to: 12 }],
    ['median', 0.5, 20, { from: 6, to: 15 }],
    ['95th percentile', 0.95, 71, undefined],
    ['95th percentile', 0.95, 72, { from: 64, to: 72 }],
    ['5th percentile', 0.05, 72, { from: 1, to: 9 }],
  ])('%s of %d, %d figures: %o', (_, share, count, ranks) => {
    expect(ranksAround(share, count, 0.95)).toEqual(ranks);
  });

  test('the trials that an estimate says it needs are the fewest that have one', () => {
    const figures = (count: number) => Array.from({ length: count }, (_, index) => exact(index));
    for (const percentile of [50, 90, 95, 99]) {
      const { needs } = estimate(figures(1), percentile, 0.95);
      expect(estimate(figures(needs.interval), percentile, 0.95).interval).toBeDefined();
      expect(estimate(figures(needs.interval - 1), percentile, 0.95).interval).toBeUndefined();
      const { measured } = estimate(figures(needs.measured), percentile, 0.95);
      if (percentile !== 50) expect(measured!.value).toBeLessThan(needs.measured - 1);
    }
  });
});

test('too few trials have no figure instead of a made-up one', () => {
  const { median, p95, min, max } = statisticsOf([exact(3), exact(1), exact(2)]);
  expect(median).toMatchObject({ measured: { value: 2 }, needs: { interval: 6 } });
  expect(median.interval).toBeUndefined();
  expect(p95).toEqual({ needs: { measured: 20, interval: 72 } });
  expect([min.value, max.value]).toEqual([1, 3]);
});

test('the ends are bounds: the lower of lower bounds, the upper of upper ones', () => {
  const all = [10, 20, 30, 40, 50, 60].map((value) => ({ value, lower: value - 3, upper: value + 1 }));
  expect(statisticsOf(all).median.interval).toEqual({ lower: 7, upper: 61 });
});

test('what never came to its end counts as endless and is not left out', () => {
  const all = [...[1, 2, 3, 4, 5].map((value) => exact(value)), atLeast(9, 'not recovered')];
  expect(statisticsOf(all).median.interval).toEqual({ lower: 1, upper: Infinity });
  const most = [exact(1), ...Array.from({ length: 8 }, () => atLeast(20, 'not recovered'))];
  expect(statisticsOf(most).median).toMatchObject({
    measured: { value: Infinity, lower: 20 },
    interval: { lower: 20, upper: Infinity },
  });
});

/** How often an interval holds the quantile that the figures are drawn from. */
function coverage(options: {
  count: number;
  percentile: number;
  draw: (random: number) => number;
  measure?: (value: number, random: number) => Measurement;
}): number {
  const { count, percentile, draw, measure = (value) => exact(value) } = options;
  const random = randomFrom(1);
  const truth = draw(percentile / 100);
  const repeats = 3000;
  let held = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const all = Array.from({ length: count }, () => measure(draw(random()), random()));
    const { lower, upper } = estimate(all, percentile, 0.95).interval!;
    if (lower <= truth && truth <= upper) held++;
  }
  return held / repeats;
}

describe('simulated: the interval holds the true quantile at least as often as it says', () => {
  const draws = {
    even: (random: number) => random,
    'long-tailed': (random: number) => -Math.log(1 - random),
    'counted in whole numbers': (random: number) => Math.floor(4 * random),
    'of two kinds': (random: number) => (random < 0.7 ? random : 100 + random),
  };
  const noise = 3 * Math.sqrt((0.05 * 0.95) / 3000);
  test.each(
    Object.entries(draws).flatMap(([name, draw]) =>
      [
        [50, 6],
        [50, 20],
        [95, 72],
      ].map(([percentile, count]) => [name, percentile!, count!, draw] as const),
    ),
  )('%s, percentile %d of %d figures', (_, percentile, count, draw) => {
    expect(coverage({ count, percentile, draw })).toBeGreaterThan(0.95 - noise);
  });

  test('and not by being needlessly wide', () => {
    expect(coverage({ count: 100, percentile: 50, draw: draws.even })).toBeLessThan(0.98);
  });

  test('with measurements that are always too large, as long as their bounds are true', () => {
    const measure = (value: number, random: number) => ({
      value: value + 1,
      lower: value - random,
      upper: value + 2,
    });
    expect(coverage({ count: 10, percentile: 50, draw: draws['long-tailed'], measure })).toBeGreaterThan(
      0.95,
    );
  });
});

test('wider bounds never make an interval narrower', () => {
  const figure = fc.tuple(
    fc.integer({ min: 0, max: 100 }),
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: 0, max: 9 }),
  );
  fc.assert(
    fc.property(fc.array(figure, { minLength: 6, maxLength: 30 }), (drawn) => {
      const narrow = estimate(
        drawn.map(([value]) => exact(value)),
        50,
        0.95,
      ).interval!;
      const wide = estimate(
        drawn.map(([value, down, up]) => ({ value, lower: value - down, upper: value + up })),
        50,
        0.95,
      ).interval!;
      expect(wide.lower).toBeLessThanOrEqual(narrow.lower);
      expect(wide.upper).toBeGreaterThanOrEqual(narrow.upper);
    }),
  );
});
