import type { Verdict } from '../analysis/judge.js';
import type { Measurement } from '../analysis/measurement.js';
import type { TargetResult, TrialResult } from '../analysis/result.js';
import type { Calibration } from '../recording/events.js';
import type { Unit } from '../scenario/target.js';
import { formatDuration } from '../scenario/units.js';

/** A figure as people read it, by its unit. */
export function formatValue(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return '∞';
  if (unit === 'duration') return formatDuration(value);
  if (unit === 'share') return `${Number((value * 100).toFixed(2))} %`;
  return String(Number(value.toPrecision(4)));
}

/** A measurement with its bounds: `312 ms [307 ms, 317 ms]`, or why there is none. */
export function formatMeasurement(measurement: Measurement | undefined, unit: Unit): string {
  if (!measurement) return 'not measured';
  const { value, lower, upper, missing } = measurement;
  if (missing !== undefined) return `${missing} (more than ${formatValue(lower, unit)})`;
  if (lower === upper) return formatValue(value, unit);
  return `${formatValue(value, unit)} [${formatValue(lower, unit)}, ${formatValue(upper, unit)}]`;
}

/** What a target asks for, without its metric: `max < 3 s`. */
export const formatLimit = ({ aggregate, comparison, limit, unit }: TargetResult): string =>
  [aggregate, comparison, formatValue(limit, unit)].filter(Boolean).join(' ');

/** Sign of a verdict, for text. */
export const SIGNS: Record<Verdict, string> = { pass: '✓', fail: '✗', inconclusive: '?' };

/** What leaked in a trial, which sessions did not survive it, and what was refused or failed in it, a sentence each. */
export function describeLosses({ leaks, sessions, refusals, marks }: TrialResult): string[] {
  const first = marks.find(({ kind }) => kind === 'fault')?.at ?? 0;
  const at = (offset: number) => `${((offset - first) / 1e9).toFixed(3)} s`;
  return [
    ...leaks.map(
      ({ probe, link, direction, packets, from, to, excerpt }) =>
        `${probe} leaked: ${packets} packets in plaintext on ${link}, ${direction}, from ${at(from)} to ${at(to)} after the first fault; the first begins ${excerpt}`,
    ),
    ...sessions
      .filter(({ survived }) => !survived)
      .map(({ probe, session, detail }) => `${probe}, session ${session}: ${detail}`),
    ...refusals.map(
      ({ probe, count, why, from, to }) =>
        `${probe}: ${why}, ${count} times, from ${at(from)} to ${at(to)} after the first fault`,
    ),
  ];
}

/** What the instrument's own error was when the machine was calibrated. */
export const describeCalibration = (calibration: Calibration | undefined): string =>
  calibration
    ? `${calibration.cuts} cuts of known length on ${calibration.at.slice(0, 10)}: error median ${formatDuration(calibration.median)}, largest ${formatDuration(calibration.largest)}, ${calibration.outside === 0 ? 'none' : calibration.outside} outside the stated bounds`
    : 'none made with this version on this machine: faildrill calibrate';
