import { describe, expect, test } from 'vitest';
import { evidenceForMore, trialsWithoutFailure } from '../../../src/analysis/statistics/sequential.js';
import { randomFrom } from '../../fixtures/random.js';

test('it begins with no evidence, and a success is what a likelihood ratio says', () => {
  expect(evidenceForMore({ successes: 0, tries: 0, share: 0.3 })).toBeCloseTo(1);
  // The mean of x / 0.3 for x from 0.3 to 1.
  expect(evidenceForMore({ successes: 1, tries: 1, share: 0.3 })).toBeCloseTo(0.65 / 0.3);
  // The mean of (1 - x) / 0.7.
  expect(evidenceForMore({ successes: 0, tries: 1, share: 0.3 })).toBeCloseTo(0.35 / 0.7);
});

test.each([0.1, 0.5, 0.95])(
  'it is a martingale at a share of %d: on average the next trial leaves it as it is',
  (share) => {
    for (const tries of [0, 1, 7, 40]) {
      for (let successes = 0; successes <= tries; successes++) {
        const now = evidenceForMore({ successes, tries, share });
        const more = evidenceForMore({ successes: successes + 1, tries: tries + 1, share });
        const less = evidenceForMore({ successes, tries: tries + 1, share });
        expect((share * more + (1 - share) * less) / now).toBeCloseTo(1, 9);
      }
    }
  },
);

test('successes alone: the trials that it takes', () => {
  const first = (share: number) => {
    let tries = 0;
    while (evidenceForMore({ successes: tries, tries, share }) < 20) tries++;
    return tries;
  };
  expect([0.5, 0.9, 0.95].map(first)).toEqual([7, 43, 88]);
  expect([0.5, 0.9, 0.95, 0.99].map((share) => trialsWithoutFailure(share, 0.95))).toEqual([5, 29, 59, 299]);
});

describe('simulated: looking after each of 300 trials is wrong in at most 5 %', () => {
  test.each([0.05, 0.5, 0.95])(
    'a share of %d',
    (share) => {
      const random = randomFrom(11);
      const repeats = 2000;
      let [wrong, right] = [0, 0];
      const known = new Map<number, number>();
      const evidence = (successes: number, tries: number) => {
        const key = 1000 * tries + successes;
        const found = known.get(key) ?? evidenceForMore({ successes, tries, share });
        known.set(key, found);
        return found;
      };
      const reaches = (chance: number) => {
        let successes = 0;
        for (let tries = 1; tries <= 300; tries++) {
          if (random() < chance) successes++;
          if (evidence(successes, tries) >= 20) return true;
        }
        return false;
      };
      for (let repeat = 0; repeat < repeats; repeat++) if (reaches(share)) wrong++;
      for (let repeat = 0; repeat < 200; repeat++) if (reaches(share + 0.8 * (1 - share))) right++;
      expect(wrong / repeats).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / repeats));
      // And it is worth something: a share well above is seen.
      expect(right).toBeGreaterThan(150);
    },
    120_000,
  );
});
