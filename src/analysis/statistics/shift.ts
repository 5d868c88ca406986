import { quantile } from '../judge.js';
import type { Measurement } from '../measurement.js';
import type { Interval } from './interval.js';
import { rankOfShift } from './rank-sum.js';

/** By how much the figures of one sample are larger than those of another. */
export interface Shift {
  /** Hodges and Lehmann's estimate: the median of all differences between a figure of the one and a figure of the other. */
  estimate: Measurement;
  /** Holds the shift with the stated confidence, errors of measurement included; nothing where there are too few figures for any. */
  interval?: Interval;
}

/**
 * The shift from one sample to another, and its interval by Moses.
 * Source: Hodges and Lehmann, Estimates of location based on rank tests, 1963; Hollander, Wolfe and Chicken, 4.2 and 4.3.
 * @param tail how often each end of the interval alone may be wrong
 */
export function shiftBetween(
  first: readonly Measurement[],
  second: readonly Measurement[],
  tail: number,
): Shift {
  const pairs = first.flatMap((one) => second.map((other) => [one, other] as const));
  const sorted = (difference: (pair: (typeof pairs)[number]) => number) =>
    pairs.map(difference).sort((a, b) => a - b);
  const values = sorted(([one, other]) => minus(other.value, one.value));
  // Where neither came to its end, the difference may be anything.
  const lowers = sorted(([one, other]) => (one.upper === Infinity ? -Infinity : other.lower - one.upper));
  const uppers = sorted(([one, other]) => (other.upper === Infinity ? Infinity : other.upper - one.lower));
  const median = (figures: readonly number[]) => quantile(figures, 'median');
  const rank = rankOfShift(first.length, second.length, tail);
  return {
    // Half of them endless one way and half the other leaves nothing to say.
    estimate: { value: median(values) || 0, lower: median(lowers), upper: median(uppers) },
    ...(rank !== undefined && { interval: { lower: lowers[rank - 1]!, upper: uppers.at(-rank)! } }),
  };
}

/** Two that never came to their end are equal, as far as anybody saw. */
const minus = (one: number, other: number): number => (one === other ? 0 : one - other);
