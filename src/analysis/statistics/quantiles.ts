import { aggregate } from '../judge.js';
import type { Measurement } from '../measurement.js';
import { binomialUpTo } from './binomial.js';
import { CONFIDENCE, type Interval } from './interval.js';

/** What some trials say about a quantile of all trials that there could be. */
export interface Estimate {
  /** The quantile of what was measured; nothing where that would be no more than the largest or the smallest figure. */
  measured?: Measurement;
  /** Holds the quantile of all trials with the stated confidence; nothing where there are too few trials for any. */
  interval?: Interval;
  /** Trials that it takes to have each. */
  needs: { measured: number; interval: number };
}

/** What the valid trials of a drill measured of one quantity, one figure a trial. */
export interface TrialStatistics {
  trials: number;
  /** Of the intervals, both ends together. */
  confidence: number;
  min: Measurement;
  median: Estimate;
  p95: Estimate;
  max: Measurement;
}

/**
 * Describes the figures of several trials.
 * @param all one a trial, at least one
 */
export const statisticsOf = (all: readonly Measurement[], confidence = CONFIDENCE): TrialStatistics => ({
  trials: all.length,
  confidence,
  min: aggregate(all, 'min'),
  median: estimate(all, 50, confidence),
  p95: estimate(all, 95, confidence),
  max: aggregate(all, 'max'),
});

/** A percentile of all trials that there could be, from the figures of some. */
export function estimate(all: readonly Measurement[], percentile: number, confidence: number): Estimate {
  const share = percentile / 100;
  const needs = { measured: trialsForQuantile(share), interval: trialsForInterval(share, confidence) };
  const ranks = ranksAround(share, all.length, confidence);
  const lowers = all.map(({ lower }) => lower).sort((a, b) => a - b);
  const uppers = all.map(({ upper }) => upper).sort((a, b) => a - b);
  return {
    ...(all.length >= needs.measured && {
      measured: aggregate(all, percentile === 50 ? 'median' : { percentile }),
    }),
    ...(ranks && { interval: { lower: lowers[ranks.from - 1]!, upper: uppers[ranks.to - 1]! } }),
    needs,
  };
}

/**
 * Ranks, from 1, of the two figures between which a quantile lies with a confidence, whatever the distribution: as many of `count` figures lie
 * at or below it as a binomial variable says. Either end alone is wrong in at most half of the cases that the confidence leaves.
 * Source: David and Nagaraja, Order Statistics, 7.1. Nothing where no two figures are far enough apart.
 */
export function ranksAround(
  share: number,
  count: number,
  confidence: number,
): { from: number; to: number } | undefined {
  const tail = tailOf(confidence);
  let from = 0;
  while (from < count && binomialUpTo(from, count, share) <= tail) from++;
  let to = count;
  // As many above the quantile, seen from the other end.
  while (to > 0 && binomialUpTo(count - to, count, 1 - share) <= tail) to--;
  to++;
  return from >= 1 && to <= count ? { from, to } : undefined;
}

/** What each end of an interval leaves. The last digits of 1 - 0.95 must not decide. */
const tailOf = (confidence: number) => ((1 - confidence) / 2) * (1 + 1e-9);

/** Figures from which on a nearest-rank quantile is neither the smallest nor the largest; one is enough for a median. */
const trialsForQuantile = (share: number): number =>
  share === 0.5 ? 1 : Math.ceil(1 / Math.min(share, 1 - share) - 1e-9);

/** Figures from which on their smallest and largest hold a quantile with a confidence. */
const trialsForInterval = (share: number, confidence: number): number =>
  Math.ceil(Math.log(tailOf(confidence)) / Math.log(Math.max(share, 1 - share)));
