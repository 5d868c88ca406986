import { quantityName } from '../quantity.js';
import type { DrillResult, MeasuredResult } from '../result.js';
import { validTrials } from '../valid-trials.js';
import { changesBetween, scenarioDiff } from './changes.js';
import { COMPARISON_VERSION, type Comparison, type Row, type RowVerdict, type Side } from './result.js';
import { compareRows, pairUp, RISK } from './rows.js';

/** Share of the baseline's median up to which a difference counts as none, unless another is asked for. */
export const TOLERANCE = 0.1;

/**
 * Compares two drills of one scenario: what became better or worse from a baseline to a change.
 * @param tolerance share of the baseline's median up to which a difference counts as none
 * @param risk chance that anything that a target limits is called worse by chance
 * @throws Error where they are of different scenarios
 */
export function compare(options: {
  baseline: DrillResult;
  change: DrillResult;
  tolerance?: number;
  risk?: number;
}): Comparison {
  const { baseline, change, tolerance = TOLERANCE, risk = RISK } = options;
  if (baseline.name !== change.name)
    throw new Error(`of another scenario than the baseline: ${change.name}, not ${baseline.name}`);
  // Of several limits, and of those of both drills, the smallest is the scale of what matters.
  const limits = new Map(
    [...baseline.targets, ...change.targets]
      .sort((a, b) => b.limit - a.limit)
      .map((target) => [quantityName(target), target.limit]),
  );
  const rows = compareRows(pairUp(baseline.measured, change.measured, limits), tolerance, risk);
  const unpaired = [
    ...without(baseline.measured, change.measured, 'baseline'),
    ...without(change.measured, baseline.measured, 'change'),
  ];
  const sides = { baseline: sideOf(baseline), change: sideOf(change) };
  const gone = baseline.targets
    .map(quantityName)
    .filter((name) => !rows.some((row) => quantityName(row) === name));
  return {
    version: COMPARISON_VERSION,
    name: change.name,
    title: change.title,
    ...conclude({ rows, gone, ...sides }),
    tolerance,
    risk,
    missing: gone,
    ...sides,
    rows,
    unpaired,
    changes: changesBetween(baseline, change),
    scenarioDiff: scenarioDiff(baseline, change),
  };
}

/** What only one side measured. */
function without(
  those: readonly MeasuredResult[],
  others: readonly MeasuredResult[],
  side: 'baseline' | 'change',
): Comparison['unpaired'] {
  const known = new Set(others.map(quantityName));
  return those
    .filter((one) => !known.has(quantityName(one)))
    .map(({ metric, subject, event }) => ({
      quantity: { metric, subject, ...(event !== undefined && { event }) },
      side,
    }));
}

function sideOf({ id, started, verdict, outcome, reason, trials, recording }: DrillResult): Side {
  const { altered } = recording ?? {};
  const disturbed = trials.filter(({ valid }) => !valid);
  return {
    id,
    started,
    verdict,
    trials: validTrials(trials),
    ...(altered !== undefined && { altered }),
    notes: [
      ...(altered === undefined ? [] : [altered]),
      ...(outcome === 'complete' ? [] : [`not a whole drill: ${reason}`]),
      ...disturbed.map(
        ({ trial, attempt, disturbances }) =>
          `left out: trial ${trial}, attempt ${attempt}: ${disturbances.join('; ')}`,
      ),
    ],
  };
}

/** Why two drills say nothing about each other; nothing where they do. */
export function whyIncomparable(options: {
  baseline: Side;
  change: Side;
  missing: readonly string[];
}): string | undefined {
  const { baseline, change, missing } = options;
  for (const [which, { trials }] of Object.entries({ baseline, change }))
    if (trials === 0) return `the ${which} has no valid trial`;
  return missing.length > 0 ? `not measured in both: ${missing.join('; ')}` : undefined;
}

function conclude(options: {
  rows: readonly Row[];
  gone: readonly string[];
  baseline: Side;
  change: Side;
}): Pick<Comparison, 'verdict' | 'reason'> {
  const { rows, gone, baseline, change } = options;
  const limited = rows.filter(({ counts }) => counts);
  const altered = baseline.altered ?? change.altered;
  if (altered !== undefined) return { verdict: 'cannot tell', reason: altered };
  const named = (verdict: RowVerdict) =>
    limited
      .filter((row) => row.verdict === verdict)
      .map(quantityName)
      .join('; ');
  const undecided = (reason: string) => ({ verdict: 'cannot tell' as const, reason });
  if (named('worse')) return { verdict: 'worse', reason: `worse: ${named('worse')}` };
  const why = whyIncomparable({ baseline, change, missing: gone });
  if (why !== undefined) return undecided(why);
  const needs = Math.max(...limited.map(({ needs }) => needs));
  if (limited.some(({ interval }) => !interval))
    return undecided(`too few trials: to tell a difference takes ${needs} on each side`);
  if (named('cannot tell')) return undecided(`cannot tell: ${named('cannot tell')}`);
  if (named('different')) return undecided(`different, for better or worse: ${named('different')}`);
  const worse = 'nothing that a target limits is worse';
  return { verdict: 'not worse', reason: named('better') ? `${worse}; better: ${named('better')}` : worse };
}
