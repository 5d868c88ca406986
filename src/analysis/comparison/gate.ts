import { quantityName } from '../quantity.js';
import type { DrillResult } from '../result.js';
import { rankOfShift } from '../statistics/rank-sum.js';
import { validTrials } from '../valid-trials.js';
import { compare, TOLERANCE, whyIncomparable } from './compare.js';
import type { Comparison } from './result.js';
import { tailOf } from './rows.js';

/** Chance that the gate stops a change that changed nothing: a pipeline runs it hundreds of times. */
export const GATE_RISK = 0.01;

/** Trials of a drill behind the gate, where neither scenario nor command line ask for more. */
export const GATE_TRIALS = 20;

/** Whether a drill shows that something became worse. `cannot tell`: even a large difference could not have been seen. */
export interface Gate {
  verdict: 'no regression' | 'regression' | 'cannot tell';
  /** Why, in one sentence. */
  reason: string;
  comparison: Comparison;
}

/**
 * The regression gate. A regression is a difference for the worse, of what a target limits, that is significant (all of them together err in at
 * most 1 % of comparisons) and larger than the tolerance. Otherwise there is none as far as so many trials show, unlike with `compare`, which says
 * "not worse" only where that is shown.
 * @throws Error where the drills are of different scenarios
 */
export function gate(options: { baseline: DrillResult; change: DrillResult; tolerance?: number }): Gate {
  const { tolerance = TOLERANCE } = options;
  const comparison = compare({ ...options, tolerance, risk: GATE_RISK });
  const { verdict, reason, rows } = comparison;
  const undecided = (reason: string): Gate => ({ verdict: 'cannot tell', reason, comparison });
  if (verdict === 'worse') return { verdict: 'regression', reason, comparison };
  const why = whyIncomparable(comparison);
  if (why !== undefined) return undecided(why);
  const limited = rows.filter(({ counts }) => counts);
  const blind = limited.filter(({ interval }) => !interval);
  if (blind.length > 0)
    return undecided(
      `too few trials of ${blind.map(quantityName).join('; ')}: it takes ${Math.max(...blind.map(({ needs }) => needs))} on each side`,
    );
  return {
    verdict: 'no regression',
    reason: `nothing that a target limits is shown to be worse by more than ${Math.round(tolerance * 1000) / 10} %`,
    comparison,
  };
}

/**
 * Trials that the baseline lacks for a regression to be seen in so many trials, however large it is; 0 where it has enough.
 * @param change trials that are going to be made
 */
export function lackingTrials(baseline: DrillResult, change: number): number {
  const tail = tailOf(new Set(baseline.targets.map(quantityName)).size, GATE_RISK);
  const valid = validTrials(baseline.trials);
  let needed = valid;
  while (needed < 1000 && rankOfShift(Math.max(1, needed), change, tail) === undefined) needed++;
  return needed - valid;
}
