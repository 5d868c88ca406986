import { normalUpTo } from './normal.js';

/** Largest number of pairs whose ranks are counted one by one; beyond, the normal distribution is near enough. */
const MOST_PAIRS = 10_000;

const counted = new Map<string, number[]>();

/**
 * How likely each number of pairs is in which the figure of the second sample is the smaller one, where both samples come from one
 * distribution without ties: Mann and Whitney's recurrence, 1947.
 */
function pairDistribution(first: number, second: number): number[] {
  const key = `${first} ${second}`;
  const known = counted.get(key);
  if (known) return known;
  // A row for each size of the second sample; the first grows from row to row.
  let rows = Array.from({ length: second + 1 }, () => [1]);
  for (let m = 1; m <= first; m++) {
    const next: number[][] = [[1]];
    for (let n = 1; n <= second; n++) {
      // The largest of all belongs to the first sample, above all n of the second, or to the second.
      const [above, below] = [rows[n]!, next[n - 1]!];
      next.push(
        Array.from({ length: m * n + 1 }, (_, pairs) => {
          const ofFirst = ((above[pairs - n] ?? 0) * m) / (m + n);
          return ofFirst + ((below[pairs] ?? 0) * n) / (m + n);
        }),
      );
    }
    rows = next;
  }
  counted.set(key, rows[second]!);
  return rows[second]!;
}

/** The chance of at most so many pairs in which the second is the smaller one. */
function pairsUpTo(pairs: number, first: number, second: number): number {
  if (first * second <= MOST_PAIRS)
    return pairDistribution(first, second)
      .slice(0, pairs + 1)
      .reduce((sum, share) => sum + share, 0);
  const deviation = Math.sqrt((first * second * (first + second + 1)) / 12);
  return normalUpTo((pairs + 0.5 - (first * second) / 2) / deviation);
}

/**
 * Rank, from 1, of the pairwise difference that is the lower end of the interval of a shift; the upper end has the same rank from above.
 * Source: Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 4.3 (Moses). Nothing where the samples are too small for any.
 * @param tail how often each end alone may be wrong
 */
export function rankOfShift(first: number, second: number, tail: number): number | undefined {
  // As many differences lie below the shift as there are pairs of the second kind.
  let [low, high] = [0, Math.floor((first * second) / 2)];
  while (low < high) {
    const rank = Math.ceil((low + high) / 2);
    if (pairsUpTo(rank - 1, first, second) <= tail * (1 + 1e-9)) low = rank;
    else high = rank - 1;
  }
  return low >= 1 ? low : undefined;
}

/** Trials in each of two samples from which on a shift has an interval. */
export function trialsForShift(tail: number): number {
  let [trials, likely] = [1, 1 / 2];
  for (; likely > tail * (1 + 1e-9); likely *= trials / (2 * (2 * trials - 1))) trials++;
  return trials;
}
