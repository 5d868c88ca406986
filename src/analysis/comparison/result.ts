import type { Unit } from '../../scenario/target.js';
import type { Verdict } from '../judge.js';
import type { Measurement } from '../measurement.js';
import type { Quantity } from '../quantity.js';
import type { Interval } from '../statistics/interval.js';
import type { Estimate } from '../statistics/quantiles.js';

/** Version of this structure. */
export const COMPARISON_VERSION = 1;

/**
 * What became of a quantity. `same`: no difference larger than the margin; `not worse`: none for the worse, perhaps one for the better;
 * `different`: another figure of a quantity of which nobody can say what is better.
 */
export type RowVerdict = 'worse' | 'better' | 'same' | 'not worse' | 'different' | 'cannot tell';

/** Two drills of one scenario, side by side. Times are nanoseconds; an infinite figure is null in JSON. */
export interface Comparison {
  version: number;
  name: string;
  title: string;
  /** `worse` where any quantity that a target limits is; `not worse` where none of them can be. */
  verdict: 'worse' | 'not worse' | 'cannot tell';
  /** Why, in one sentence. */
  reason: string;
  /** Differences up to this share of the baseline's median count as none; of shares none is tolerated. */
  tolerance: number;
  /** Chance that anything that a target limits is called worse and is not. */
  risk: number;
  /** What a target of the baseline limits, and not both drills measured. */
  missing: string[];
  baseline: Side;
  change: Side;
  rows: Row[];
  /** Quantities that only one of the drills measured. */
  unpaired: { quantity: Quantity; side: 'baseline' | 'change' }[];
  /** What else is different between the two. */
  changes: Change[];
  /** Lines of the scenario that are different, with a line around them: ` `, `-` or `+` in front. */
  scenarioDiff: string[];
}

/** One of the two drills. */
export interface Side {
  id: string;
  started: string;
  verdict: Verdict;
  /** Valid trials: only these are compared. */
  trials: number;
  /** How one can tell that its recording is not as it was written. */
  altered?: string;
  /** What a reader has to know of it: that it was cut off, that trials were disturbed. */
  notes: string[];
}

/** One quantity of both drills. */
export interface Row extends Quantity {
  unit: Unit;
  /** Whether a target of one of the drills limits it: only such rows make the verdict. */
  counts: boolean;
  /** What each side's trials say of the median of all. */
  baseline: Sample;
  change: Sample;
  /** From the baseline to the change: Hodges and Lehmann's estimate, with the bounds that measuring leaves it. */
  difference: Measurement;
  /** Holds the difference with the row's confidence; nothing where there are too few trials. */
  interval?: Interval;
  confidence: number;
  /** Trials on each side that an interval takes. */
  needs: number;
  /** Two-sided p-value of the rank test. */
  p: number;
  /** A difference at least this large would have been told in so many trials, spread as they are. */
  detectable?: number;
  /**
   * A difference up to this counts as none: the tolerance; or, where they are larger, the errors of measurement of both sides, up to the tolerated
   * share of what a target limits it to. So a time of about 0 can be the same again, and a blind instrument cannot make two drills the same.
   */
  margin: number;
  verdict: RowVerdict;
}

/** The trials of one side. */
export interface Sample {
  trials: number;
  confidence: number;
  median: Estimate;
}

/** Something that is not the same in both drills; nothing on a side that does not have it. */
export interface Change {
  what: string;
  baseline?: string;
  change?: string;
}
