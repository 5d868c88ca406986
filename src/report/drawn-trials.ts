import type { DrillResult, TargetResult, TrialResult } from '../analysis/result.js';

/** Most trials that a report draws: nobody looks at more, and a page of thousands could not be opened. */
const MOST = 20;

/**
 * The trials that a report draws: all of a few. Of many the first, for each target the one that was farthest from it and the one in the middle, and
 * those that do not count; no more than twenty.
 */
export function drawnTrials({ trials, targets }: Pick<DrillResult, 'trials' | 'targets'>): TrialResult[] {
  if (trials.length <= MOST) return trials;
  const telling = [...targets.map(worstFirst), ...targets.map((target) => middleOf(worstFirst(target)))];
  const counting = new Map(
    trials.filter(({ valid, complete }) => valid && complete).map((one) => [one.trial, one]),
  );
  const wanted = [
    trials[0]!,
    ...telling.flatMap(([trial]) => counting.get(trial ?? 0) ?? []),
    ...trials.filter(({ valid, complete }) => !valid || !complete),
  ];
  const drawn = new Set([...new Set(wanted)].slice(0, MOST));
  return trials.filter((trial) => drawn.has(trial));
}

/** Numbers of a target's trials, the one first that was farthest from where it should be. */
const worstFirst = ({ trials, comparison, limit }: TargetResult): number[] => {
  const off = ({ value }: { value: number }) =>
    comparison === '=' ? Math.abs(value - limit) : comparison.startsWith('>') ? -value : value;
  return [...trials].sort((a, b) => off(b.measurement) - off(a.measurement)).map(({ trial }) => trial);
};

const middleOf = (ordered: readonly number[]): number[] => ordered.slice(ordered.length >> 1);

/** That not all trials are drawn, where it is so. */
export const omittedInWords = (omitted: number): string =>
  omitted === 0
    ? ''
    : `${omitted} more trials are not drawn: what is shown are the first, the worst and the middling for each target, and those that do not count. result.json has all.`;
