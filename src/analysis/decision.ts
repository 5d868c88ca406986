import type { Target } from '../scenario/target.js';
import { defaultAggregate, judgeTarget, type Verdict } from './judge.js';
import type { Measurement } from './measurement.js';
import { CONFIDENCE } from './statistics/interval.js';
import { evidenceForMore, trialsWithoutFailure } from './statistics/sequential.js';

/** What the trials so far say about a target in all trials that there could be. */
export interface Decision {
  /** Nothing while more trials may decide it either way. */
  verdict?: 'pass' | 'fail';
  /** Trials that surely met the target, that surely missed it, and that nobody can tell of. */
  met: number;
  missed: number;
  open: number;
  /** What is shown by that, about all trials. */
  shown?: string;
}

/** A target after some trials. */
export interface Sequence {
  target: Target;
  /** Figures of each valid trial. */
  trials: readonly (readonly Measurement[])[];
  /** Share of all trials that is enough for "every". */
  share: number;
}

/** Evidence that is reached by chance, however often one looks, in at most as many cases as the confidence leaves. */
const ENOUGH = 1 / (1 - CONFIDENCE) - 1e-9;

/**
 * Decides a target after any number of trials; it may be asked after each.
 *
 * A trial meets the target or misses it, by what the target's aggregate makes of the trial's figures. A target of a median or a percentile is
 * about the share of all trials that meet it, and is decided by evidence that holds under repeated looks. One that every trial has to meet is missed with
 * the first that misses it; it is met when so many trials met it, and none did not, that no smaller share than `share` would be likely to:
 * since the first miss ends it, there is only one look that can pass it. A trial that nobody can tell of counts against either verdict.
 */
export function decide({ target, trials, share }: Sequence): Decision {
  const verdicts = trials.map((all) => (all.length > 0 ? judgeTarget(target, all).verdict : 'inconclusive'));
  const count = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  const counts = { met: count('pass'), missed: count('fail'), open: count('inconclusive') };
  return { ...counts, ...conclude({ quorum: quorumOf(target), ...counts, share }) };
}

/** The verdict on a target: what was decided about all trials, where what was measured in these together says the same. */
export function verdictAfter(sequence: Sequence): Verdict {
  const { target, trials } = sequence;
  const isMeasured = trials.length > 0 && trials.every((all) => all.length > 0);
  const { verdict } = decide(sequence);
  return verdict && isMeasured && judgeTarget(target, trials.flat()).verdict === verdict
    ? verdict
    : 'inconclusive';
}

/** How many of all trials have to meet a target: every one, a single one, or this share. */
type Quorum = 'every' | 'one' | number;

function quorumOf({ aggregate, comparison }: Target): Quorum {
  const how = aggregate ?? (comparison === '=' ? 'every' : defaultAggregate(comparison));
  if (how === 'every') return 'every';
  const isFloor = comparison.startsWith('>');
  if (how === 'median') return 0.5;
  if (how === 'max') return isFloor ? 'one' : 'every';
  if (how === 'min') return isFloor ? 'every' : 'one';
  return isFloor ? 1 - how.percentile / 100 : how.percentile / 100;
}

function conclude(options: {
  quorum: Quorum;
  met: number;
  missed: number;
  open: number;
  share: number;
}): Pick<Decision, 'verdict' | 'shown'> {
  const { quorum, met, missed, open, share } = options;
  const tries = met + missed + open;
  const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`;
  const most = `with 95 % confidence at least ${percent(share)} of all trials`;
  const isEnough = open === 0 && tries >= trialsWithoutFailure(share, CONFIDENCE);
  if (quorum === 'every') {
    if (missed > 0) return { verdict: 'fail', shown: 'not every trial meets it' };
    return isEnough ? { verdict: 'pass', shown: `${most} meet it` } : {};
  }
  if (quorum === 'one') {
    if (met > 0) return { verdict: 'pass', shown: 'a trial can meet it' };
    return isEnough ? { verdict: 'fail', shown: `${most} miss it` } : {};
  }
  if (evidenceForMore({ successes: met, tries, share: quorum }) >= ENOUGH)
    return {
      verdict: 'pass',
      shown: `with 95 % confidence more than ${percent(quorum)} of all trials meet it`,
    };
  if (evidenceForMore({ successes: missed, tries, share: 1 - quorum }) >= ENOUGH)
    return {
      verdict: 'fail',
      shown: `with 95 % confidence less than ${percent(quorum)} of all trials meet it`,
    };
  return {};
}
