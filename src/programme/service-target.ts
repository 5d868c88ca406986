import { judge, type Verdict } from '../analysis/judge.js';
import type { JudgedEntry, TargetSummary } from '../history/entry.js';
import { type Aggregate, aggregateName, type Comparison, type Target } from '../scenario/target.js';

/** What a service's target came to in a drill. */
export interface ServiceResult {
  /** The target, as the programme has it. */
  text: string;
  probe: string;
  measured: TargetSummary['measured'];
  unit: TargetSummary['unit'];
  verdict: Verdict;
}

/** Aggregate that a target is judged by, in words. */
const aggregateOf = ({ aggregate, comparison }: { aggregate?: Aggregate; comparison: Comparison }): string =>
  aggregate
    ? aggregateName(aggregate)
    : comparison === '='
      ? 'every'
      : comparison.startsWith('>')
        ? 'min'
        : 'max';

/**
 * Whether a scenario's target measures what a service's target limits: the same quantity of the probe, by the same aggregate. What has to be
 * `=` in every trial is kept by how far it was off, so there the limits have to be the same as well.
 */
export function measures(
  own: Pick<Target, 'metric' | 'subjects' | 'aggregate' | 'comparison' | 'value'>,
  { wanted, probe }: { wanted: Target; probe: string },
): boolean {
  const how = aggregateOf(own as Target);
  return (
    own.metric === wanted.metric &&
    own.subjects.length === 1 &&
    own.subjects[0] === probe &&
    how === aggregateOf(wanted) &&
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
  const [, written] = /\)\s*(min|median|max|p[\d.]+)\b/.exec(text) ?? [];
  const aggregate = written?.startsWith('p')
    ? { percentile: Number(written.slice(1)) }
    : (written as 'max' | undefined);
  return { metric, subjects: [subject], comparison, value: limit, ...(aggregate && { aggregate }) };
}

const SERIOUSNESS: readonly Verdict[] = ['fail', 'inconclusive', 'pass'];

/** The most serious of several verdicts; nothing of none. */
export const worstVerdict = (verdicts: readonly Verdict[]): Verdict | undefined =>
  SERIOUSNESS.find((verdict) => verdicts.includes(verdict));

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
