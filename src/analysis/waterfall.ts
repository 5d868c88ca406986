import { WATCHED_PHASES } from './phase.js';
import type { FaultPhases, PhaseResult } from './result.js';

/** A phase as a stretch of time from the fault; nanoseconds. */
export interface WaterfallRow {
  result: PhaseResult;
  /** From the latest earlier phase to this one; nothing where at least half of the trials did not see it. */
  bar?: { from: number; to: number };
  /** Bounds of what was measured, over all trials that saw it. */
  bounds?: { least: number; most: number };
  /** Each trial that saw it. */
  dots: { trial: number; at: number }[];
}

/**
 * The phases of a fault one after the other. A bar ends at the median of the trials; one that never came counts as later than all others. It begins
 * at the latest of the earlier phases that came before: for a probe those that watches show, and its own. So bars say in what order things were seen, not
 * that one caused the other.
 */
export function waterfall({ phases }: FaultPhases): WaterfallRow[] {
  const rows: WaterfallRow[] = [];
  for (const result of phases) {
    const seen = result.trials.filter(({ measurement }) => isSeen(measurement));
    const to = medianOf(result);
    const earlier = rows
      .filter(({ result: other }) => precedes(other, result))
      .flatMap(({ bar }) => (bar && to !== undefined && bar.to <= to ? [bar.to] : []));
    rows.push({
      result,
      ...(to !== undefined && { bar: { from: Math.max(0, ...earlier), to } }),
      ...(seen.length > 0 && {
        bounds: {
          least: Math.min(...seen.map(({ measurement }) => measurement.lower)),
          most: Math.max(...seen.map(({ measurement }) => measurement.upper)),
        },
      }),
      dots: seen.map(({ trial, measurement }) => ({ trial, at: measurement.value })),
    });
  }
  return rows;
}

/** Whether a figure is of something that happened: what was never interrupted came back at no time. */
const isSeen = ({ value, missing }: PhaseResult['trials'][number]['measurement']): boolean =>
  missing === undefined && Number.isFinite(value) && value > 0;

function medianOf({ trials, statistics }: PhaseResult): number | undefined {
  const median = statistics ? statistics.median.measured?.value : trials[0]?.measurement.value;
  return median !== undefined && Number.isFinite(median) && median > 0 ? median : undefined;
}

const isWatched = ({ phase }: PhaseResult): boolean => (WATCHED_PHASES as readonly string[]).includes(phase);

const precedes = (earlier: PhaseResult, later: PhaseResult): boolean =>
  earlier.phase !== later.phase && (isWatched(earlier) || earlier.by === later.by);
