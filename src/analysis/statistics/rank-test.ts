import type { Measurement } from '../measurement.js';
import { normalUpTo } from './normal.js';

/** Figures of both samples together up to which every way to deal them out is counted. */
const MOST_COUNTED = 100;

/**
 * How often two samples of one distribution differ at least as much as these, by the sum of their ranks: a two-sided p-value. Figures whose
 * bounds overlap count as equal, so that errors of measurement make no difference. Without overlaps this is the test of Mann and Whitney.
 * Source: Gehan, A generalized Wilcoxon test for comparing arbitrarily singly-censored samples, 1965, as a permutation test.
 */
export function rankTest(first: readonly Measurement[], second: readonly Measurement[]): number {
  const all = [...first, ...second];
  const scores = all.map((figure) => all.reduce((sum, other) => sum + surelyAbove(figure, other), 0));
  const seen = Math.abs(scores.slice(first.length).reduce((sum, score) => sum + score, 0));
  if (seen === 0) return 1;
  return all.length <= MOST_COUNTED
    ? shareAtLeast(scores, second.length, seen)
    : nearly(scores, second.length, seen);
}

/** 1 where one is larger than the other for sure, -1 where it is smaller, 0 where nobody can tell. */
const surelyAbove = (one: Measurement, other: Measurement): number =>
  Number(one.lower > other.upper) - Number(one.upper < other.lower);

/** The share of all choices of `size` scores whose sum is at least this far from 0. */
function shareAtLeast(scores: readonly number[], size: number, seen: number): number {
  // A pair within a choice cancels out, so no sum is larger than this.
  const most = Math.floor(scores.length ** 2 / 4);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(2 * most + 1));
  ways[0]![most] = 1;
  for (const [index, score] of scores.entries()) {
    for (let chosen = Math.min(size, index + 1); chosen >= 1; chosen--) {
      const [from, to] = [ways[chosen - 1]!, ways[chosen]!];
      const [start, end] = [Math.max(0, -score), Math.min(2 * most, 2 * most - score)];
      for (let sum = start; sum <= end; sum++) to[sum + score]! += from[sum]!;
    }
  }
  let [total, beyond] = [0, 0];
  for (const [index, count] of ways[size]!.entries()) {
    total += count;
    if (Math.abs(index - most) >= seen) beyond += count;
  }
  return beyond / total;
}

/** The same by the normal distribution. */
function nearly(scores: readonly number[], size: number, seen: number): number {
  const { length } = scores;
  const squares = scores.reduce((sum, score) => sum + score * score, 0);
  const deviation = Math.sqrt((squares * size * (length - size)) / (length * (length - 1)));
  return Math.min(1, 2 * normalUpTo(-(seen - 1) / deviation));
}
