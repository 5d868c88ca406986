import { type Aggregate, aggregateName, type Comparison, type Target } from '../scenario/target.js';
import type { Measurement } from './measurement.js';

/** What a target, or a drill, came to. */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** Verdicts, the most serious first. */
export const SERIOUSNESS: readonly Verdict[] = ['fail', 'inconclusive', 'pass'];

/** The most serious of several verdicts; nothing of none. */
export const worstVerdict = (verdicts: readonly Verdict[]): Verdict | undefined =>
  SERIOUSNESS.find((verdict) => verdicts.includes(verdict));

/** The aggregate of a target that names none: that which is hardest to meet. */
export const defaultAggregate = (comparison: Comparison): Aggregate =>
  comparison.startsWith('>') ? 'min' : 'max';

/** How a target's figures become one, in a word; `every` where each single figure has to be the limit. */
export function judgedBy({
  aggregate,
  comparison,
}: {
  aggregate?: Aggregate | undefined;
  comparison: Comparison;
}): string {
  if (comparison === '=' && !aggregate) return 'every';
  return aggregateName(aggregate ?? defaultAggregate(comparison));
}

/**
 * One figure out of many. Bounds are aggregated as the values are: an order statistic of lower bounds is a lower bound of the order
 * statistic.
 */
export function aggregate(all: readonly Measurement[], how: Aggregate): Measurement {
  const pick = (key: 'value' | 'lower' | 'upper') =>
    quantile(
      all.map((measurement) => measurement[key]).sort((a, b) => a - b),
      how,
    );
  const value = pick('value');
  const source = all.find((measurement) => measurement.value === value);
  return {
    value,
    lower: pick('lower'),
    upper: pick('upper'),
    ...(source?.of !== undefined && { of: source.of }),
    ...(source?.missing !== undefined && { missing: source.missing }),
  };
}

/** Nearest-rank quantile of sorted numbers; the median of an even count is the mean of the middle two. */
export function quantile(sorted: readonly number[], how: Aggregate): number {
  const { length } = sorted;
  if (how === 'min') return sorted[0]!;
  if (how === 'max') return sorted[length - 1]!;
  if (how === 'median') return (sorted[(length - 1) >> 1]! + sorted[length >> 1]!) / 2;
  return sorted[Math.max(0, Math.ceil((how.percentile / 100) * length) - 1)]!;
}

/** Whether a limit is surely met, surely missed, or neither, given the bounds of what was measured. */
export function judge({ lower, upper }: Measurement, comparison: Comparison, limit: number): Verdict {
  const [met, missed] = {
    '<': [upper < limit, lower >= limit],
    '<=': [upper <= limit, lower > limit],
    '>': [lower > limit, upper <= limit],
    '>=': [lower >= limit, upper < limit],
    '=': [lower === limit && upper === limit, limit < lower || limit > upper],
  }[comparison];
  return met ? 'pass' : missed ? 'fail' : 'inconclusive';
}

/** Judges all that was measured for a target. For `=` every single figure must be the limit. */
export function judgeTarget(
  target: Target,
  all: readonly Measurement[],
): { verdict: Verdict; measured: Measurement; by: string } {
  const by = judgedBy(target);
  if (by !== 'every') {
    const measured = aggregate(all, target.aggregate ?? defaultAggregate(target.comparison));
    return { measured, by, verdict: judge(measured, target.comparison, target.value) };
  }
  const off = (measurement: Measurement) => Math.abs(measurement.value - target.value);
  const measured = [...all].sort((a, b) => off(b) - off(a))[0]!;
  const verdicts = all.map((measurement) => judge(measurement, '=', target.value));
  return { measured, by, verdict: worstVerdict(verdicts)! };
}
