import type { Unit } from '../../scenario/target.js';
import { quantile } from '../judge.js';
import type { Measurement } from '../measurement.js';
import type { Metric } from '../metrics/metric.js';
import { metricNamed } from '../metrics/registry.js';
import { quantityName } from '../quantity.js';
import type { MeasuredResult } from '../result.js';
import { CONFIDENCE, type Interval } from '../statistics/interval.js';
import { estimate } from '../statistics/quantiles.js';
import { trialsForShift } from '../statistics/rank-sum.js';
import { rankTest } from '../statistics/rank-test.js';
import { shiftBetween } from '../statistics/shift.js';
import type { Row, RowVerdict, Sample } from './result.js';

/** A quantity that both drills measured. */
export interface Pair {
  baseline: MeasuredResult;
  change: MeasuredResult;
  /** What a target limits it to, if any does. */
  limit?: number;
}

/** Chance that a comparison calls anything worse that is not, unless another is asked for. */
export const RISK = 1 - CONFIDENCE;

/**
 * Compares quantities one by one. Rows that count share the chance of a false alarm: that any of them is called worse and is not, has a chance of
 * at most `risk`, however many there are (Bonferroni). The others have 95 % each, for looking.
 * @param tolerance share of the baseline's median
 */
export function compareRows(pairs: readonly Pair[], tolerance: number, risk = RISK): Row[] {
  const shared = tailOf(pairs.filter(({ limit }) => limit !== undefined).length, risk);
  const rows = pairs.map((pair) =>
    compareRow(pair, { tolerance, tail: pair.limit !== undefined ? shared : (1 - CONFIDENCE) / 2 }),
  );
  return rows.sort((a, b) => Number(b.counts) - Number(a.counts));
}

/** How often each end of the interval of one of so many rows that count may be wrong. */
export const tailOf = (counting: number, risk: number): number => Math.min(risk / 2, risk / counting);

function compareRow(
  { baseline, change, limit }: Pair,
  { tolerance, tail }: { tolerance: number; tail: number },
): Row {
  const { unit, trials: _, statistics: __, ...quantity } = change;
  const [before, after] = [figuresOf(baseline), figuresOf(change)];
  const { estimate: difference, interval } = shiftBetween(before, after, tail);
  const sample = sampleOf(before);
  const errors = errorOf(before) + errorOf(after);
  const margin = Math.max(toleratedOf(sample, unit, tolerance), Math.min(errors, tolerance * (limit ?? 0)));
  const reach = interval && Math.max(difference.value - interval.lower, interval.upper - difference.value);
  return {
    ...quantity,
    unit,
    counts: limit !== undefined,
    baseline: sample,
    change: sampleOf(after),
    difference,
    ...(interval && { interval }),
    confidence: 1 - 2 * tail,
    needs: trialsForShift(tail),
    p: rankTest(before, after),
    // From one infinite figure to another there is no distance.
    ...(reach !== undefined && Number.isFinite(reach) && { detectable: Math.max(reach, margin) }),
    margin,
    verdict: verdictOf({ interval, difference, margin, metric: metricNamed(quantity.metric)! }),
  };
}

/** A share of a share would be tolerated twice; of what never ended there is no share. */
function toleratedOf({ median }: Sample, unit: Unit, tolerance: number): number {
  const { value } = median.measured!;
  return unit === 'share' || !Number.isFinite(value) ? 0 : Math.abs(value) * tolerance;
}

/** How closely one side could be measured: the middle one of the distances between the bounds of its figures. */
function errorOf(all: readonly Measurement[]): number {
  const widths = all.map(({ lower, upper }) => upper - lower).sort((a, b) => a - b);
  const width = quantile(widths, 'median');
  return Number.isFinite(width) ? width : 0;
}

const figuresOf = ({ trials }: MeasuredResult): Measurement[] => trials.map(({ measurement }) => measurement);

const sampleOf = (all: readonly Measurement[]): Sample => ({
  trials: all.length,
  confidence: CONFIDENCE,
  median: estimate(all, 50, CONFIDENCE),
});

/**
 * A difference is called one only where the interval, with the bounds of all measurements in it, excludes zero, and where it is larger than the
 * margin. That there is none is said only where the whole interval is within the margin.
 */
function verdictOf(options: {
  interval: Interval | undefined;
  difference: Measurement;
  margin: number;
  metric: Metric;
}): RowVerdict {
  const { interval, difference, margin, metric } = options;
  if (!interval) return 'cannot tell';
  const sign = metric.prefers === 'more' ? -1 : 1;
  // How much worse it is, at least and at most.
  const [least, most] = [sign * interval.lower, sign * interval.upper].sort((a, b) => a - b) as [
    number,
    number,
  ];
  const much = sign * difference.value;
  const isNeutral = metric.prefers === 'neither';
  if (least > 0 && much > margin) return isNeutral ? 'different' : 'worse';
  if (most < 0 && much < -margin) return isNeutral ? 'different' : 'better';
  if (least >= -margin && most <= margin) return 'same';
  return most <= margin && !isNeutral ? 'not worse' : 'cannot tell';
}

/** Pairs what two drills measured, by name. */
export function pairUp(
  baseline: readonly MeasuredResult[],
  change: readonly MeasuredResult[],
  limits: ReadonlyMap<string, number>,
): Pair[] {
  const known = new Map(baseline.map((one) => [quantityName(one), one]));
  return change.flatMap((one): Pair[] => {
    const before = known.get(quantityName(one));
    const limit = limits.get(quantityName(one));
    return before ? [{ baseline: before, change: one, ...(limit !== undefined && { limit }) }] : [];
  });
}
