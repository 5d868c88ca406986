import { compare } from '../analysis/comparison/compare.js';
import type { DrillResult, PreviousResult } from '../analysis/result.js';
import { validTrials } from '../analysis/valid-trials.js';
import { earlierRecordings } from '../history/earlier.js';
import { judged } from './recordings.js';

/** Earlier drills that are looked at for one that can be compared. */
const MOST_TRIED = 5;

/** A drill with how it compares to the one of its scenario before it in the same store, where there is one. */
export function withPrevious(result: DrillResult, recording: string): DrillResult {
  for (const path of earlierRecordings(recording, result).slice(0, MOST_TRIED)) {
    try {
      const previous = judged(path);
      if (isFit(previous, result)) return { ...result, previous: summary(previous, result) };
    } catch {
      // It cannot be read: the one before it may do.
    }
  }
  return result;
}

/** Whether a drill says something about its scenario. */
const isFit = ({ name, started, outcome, trials, recording }: DrillResult, now: DrillResult): boolean =>
  name === now.name &&
  started < now.started &&
  outcome === 'complete' &&
  validTrials(trials) > 0 &&
  recording?.altered === undefined;

function summary(previous: DrillResult, now: DrillResult): PreviousResult {
  const { verdict, reason, rows } = compare({ baseline: previous, change: now });
  return {
    id: previous.id,
    started: previous.started,
    drill: previous.verdict,
    verdict,
    reason,
    rows: rows.map(({ metric, subject, event, unit, verdict, baseline, change }) => ({
      metric,
      subject,
      ...(event !== undefined && { event }),
      unit,
      verdict,
      ...(baseline.median.measured && { before: baseline.median.measured.value }),
      ...(change.median.measured && { now: change.median.measured.value }),
    })),
  };
}
