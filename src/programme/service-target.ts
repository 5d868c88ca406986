import { judge, judgedBy, SERIOUSNESS, type Verdict } from '../analysis/judge.js';
import type { JudgedEntry, TargetSummary } from '../history/entry.js';
import { aggregateIn, type Comparison, type Target } from '../scenario/target.js';

/** What a service's target came to in a drill. */
export interface ServiceResult {
  /** The target, as the programme has it. */
  text: string;
  probe: string;
  measured: TargetSummary['measured'];
  unit: TargetSummary['unit'];
  verdict: Verdict;
}

/**
 * Whether a scenario's target measures what a service's target limits: the same quantity of the probe, by the same aggregate. What has to be
 * `=` in every trial is kept by how far it was off, so there the limits have to be the same as well.
 */
export function measures(
  own: Pick<Target, 'metric' | 'subjects' | 'aggregate' | 'comparison' | 'value'>,
  { wanted, probe }: { wanted: Target; probe: string },
): boolean {
  const how = judgedBy(own);
  return (
    own.metric === wanted.metric &&
    own.subjects.length === 1 &&
    own.subjects[0] === probe &&
    how === judgedBy(wanted) &&
    (how !== 'every' || own.value === wanted.value)
  );
}

/** What a service's target came to in a drill of the history; nothing where the drill has no such target. */
export function serviceResult(
  { drill }: JudgedEntry,
  { wanted, probe }: { wanted: Target; probe: string },
): ServiceResult | undefined {
  const found = drill.targets.filter((target) => {
    const own = ownTarget(target);
    return own && measures(own, { wanted, probe });
  });
  const judged = found.map(({ measured, unit }): ServiceResult => {
    const verdict = measured ? judge(measured, wanted.comparison, wanted.value) : 'inconclusive';
    return { text: wanted.text, probe, measured, unit, verdict };
  });
  return worstOf(judged, wanted.comparison);
}

/** A target of the history as a scenario has it. What nothing was measured of has no aggregate, but its words have. */
function ownTarget({ text, metric, subject, comparison, limit }: TargetSummary) {
  const aggregate = aggregateIn(text);
  return { metric, subjects: [subject], comparison, value: limit, ...(aggregate && { aggregate }) };
}

/** The most serious of several results; of equally serious ones that which is farthest from where it should be. */
export function worstOf<T extends ServiceResult>(
  results: readonly T[],
  comparison: Comparison,
): T | undefined {
  const far = ({ measured }: ServiceResult) => {
    const value = measured?.value ?? Number.POSITIVE_INFINITY;
    return comparison.startsWith('>') ? -value : value;
  };
  return [...results].sort(
    (one, other) =>
      SERIOUSNESS.indexOf(one.verdict) - SERIOUSNESS.indexOf(other.verdict) || far(other) - far(one),
  )[0];
}
