import type { Verdict } from '../analysis/judge.js';
import type { Measurement } from '../analysis/measurement.js';
import type {
  DrillResult,
  HealthResult,
  ImpliedResult,
  PhaseResult,
  TargetResult,
  TrialResult,
} from '../analysis/result.js';
import type { Interval } from '../analysis/statistics/interval.js';
import type { Estimate, TrialStatistics } from '../analysis/statistics/quantiles.js';
import type { Calibration, FileFact } from '../recording/events.js';
import type { Unit } from '../scenario/target.js';
import { formatDuration, formatRate } from '../scenario/units.js';

/** A figure as people read it, by its unit. */
export function formatValue(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (unit === 'duration') return formatDuration(value);
  if (unit === 'rate') return formatRate(value);
  if (unit === 'share') return `${Number((value * 100).toFixed(2))} %`;
  return String(Number(value.toPrecision(4)));
}

/** A measurement with its bounds: `312 ms [307 ms, 317 ms]`, or why there is none. */
export function formatMeasurement(measurement: Measurement | undefined, unit: Unit): string {
  if (!measurement) return 'not measured';
  const { value, lower, upper, missing } = measurement;
  if (missing !== undefined) return `${missing}${formatBound({ lower, upper }, unit)}`;
  if (lower === upper) return formatValue(value, unit);
  return `${formatValue(value, unit)} [${formatValue(lower, unit)}, ${formatValue(upper, unit)}]`;
}

/** The bound of what has no value, where it has one. */
function formatBound({ lower, upper }: Interval, unit: Unit): string {
  if (Number.isFinite(lower)) return ` (more than ${formatValue(lower, unit)})`;
  return Number.isFinite(upper) ? ` (at most ${formatValue(upper, unit)})` : '';
}

/** What trials say about a quantile: `312 ms (95 %: 305 ms to 330 ms)`, or how many trials it would take. */
export function formatEstimate(
  { measured, interval, needs }: Estimate,
  { unit, confidence }: { unit: Unit; confidence: number },
): string {
  if (!measured) return `needs ${needs.measured} trials`;
  const value = formatValue(measured.value, unit);
  if (!interval) return `${value} (interval needs ${needs.interval} trials)`;
  return `${value} (${formatInterval(interval, { unit, confidence })})`;
}

/** What several trials say: how many they are, the least, the median, the 95th percentile, the most. */
export function formatStatistics(
  { trials, confidence, min, median, p95, max }: TrialStatistics,
  unit: Unit,
): string[] {
  const quantiles = [median, p95].map((estimate) => formatEstimate(estimate, { unit, confidence }));
  return [String(trials), formatMeasurement(min, unit), ...quantiles, formatMeasurement(max, unit)];
}

/** A confidence interval: `95 %: 305 ms to 330 ms`. Not in brackets, which stand for the bounds of what was measured. */
export const formatInterval = (
  { lower, upper }: Interval,
  { unit, confidence }: { unit: Unit; confidence: number },
): string =>
  `${formatValue(confidence, 'share')}: ${formatValue(lower, unit)} to ${formatValue(upper, unit)}`;

/** What a target asks for, without its metric: `max < 3 s`. */
export const formatLimit = ({ aggregate, comparison, limit, unit }: TargetResult): string =>
  [aggregate, comparison, formatValue(limit, unit)].filter(Boolean).join(' ');

/** A phase with what shows it: `detect · carrier`. */
export const phaseName = ({ phase, by }: PhaseResult): string =>
  by === undefined ? phase : `${phase} · ${by}`;

/** When a failover came to a phase, from the fault on, in words; or why that is not known. */
export function describePhase({ by, phase, trials, statistics }: PhaseResult): string {
  if (by === undefined) return `not observed: ${PROBED.has(phase) ? 'no probe' : 'no watch'} shows it`;
  const [only] = trials;
  if (!only) return 'no valid trial';
  if (!statistics) return describeInstant(only.measurement);
  const { min, max, median } = statistics;
  if (max.value === 0) return describeInstant(max);
  if (min.missing !== undefined) return describeInstant(min);
  const seen = trials.filter(({ measurement }) => measurement.missing === undefined).length;
  const middle = formatValue(median.measured!.value, 'duration');
  const spread = `median ${middle}, from ${formatMeasurement(min, 'duration')}`;
  const never = `${max.missing} in ${trials.length - seen} of ${trials.length} trials`;
  if (middle === '∞') return `${never}, else from ${formatMeasurement(min, 'duration')}`;
  return seen < trials.length
    ? `${spread}; ${never}`
    : `median ${middle} (${formatValue(min.lower, 'duration')} to ${formatValue(max.upper, 'duration')})`;
}

const PROBED: ReadonlySet<string> = new Set(['first flow', 'all flows', 'sessions']);

const describeInstant = (measurement: Measurement): string =>
  measurement.missing === undefined && measurement.value === 0
    ? `not interrupted (less than ${formatValue(measurement.upper, 'duration')} would not show)`
    : formatMeasurement(measurement, 'duration');

/** What was measured of what a timer implies: `312 ms [307 ms, 317 ms]`, or the smallest and the largest of several. */
export function describeImplied({ measured, unit, trials }: ImpliedResult): string {
  if (!measured) return 'not measured';
  const { least, most } = measured;
  if (trials === 1 && least === most) return formatMeasurement(least, unit);
  return `${formatMeasurement(least, unit)} to ${formatMeasurement(most, unit)}`;
}

/** Whether what was measured fits a timer, in words. */
export const describeFit = ({ verdict, contradicting, trials }: ImpliedResult): string =>
  verdict === 'contradicts'
    ? `contradicts the timer${trials > 1 ? ` in ${contradicting.length} of ${trials} trials` : ''}`
    : verdict === 'agrees'
      ? 'as implied'
      : 'cannot tell: the bounds reach beyond it';

/** Sign of whether what was measured fits a timer. */
export const FIT_SIGNS: Record<ImpliedResult['verdict'], string> = {
  agrees: '✓',
  contradicts: '✗',
  'cannot tell': '?',
};

/** Sign of a verdict, for text. */
export const SIGNS: Record<Verdict, string> = { pass: '✓', fail: '✗', inconclusive: '?' };

/** What leaked in a trial, which sessions did not survive it, what was refused or failed in it, and what nobody knew, a sentence each. */
export function describeLosses(trial: TrialResult): string[] {
  const { leaks, sessions, refusals, watches } = trial;
  const at = afterFault(trial);
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
    ...watches.flatMap(({ watch, unknown }) =>
      unknown.map(
        ({ from, to, why }) => `${watch}: ${why}, from ${at(from)} to ${at(to)} after the first fault`,
      ),
    ),
  ];
}

/** Whether a node did something worth a word in a trial. */
export const wasBusy = ({ processor, away }: HealthResult): boolean =>
  away.length > 0 || processor.some(({ share }) => share >= 0.05);

/** How each node fared in a trial, a line each; the idle ones in one. */
export function describeNodes(trial: TrialResult): string[] {
  const idle = trial.health.filter((node) => !wasBusy(node)).map(({ node }) => node);
  return [
    ...trial.health.filter(wasBusy).map((node) => describeHealth(node, trial)),
    ...(idle.length > 0 ? [`idle: ${idle.join(', ')}`] : []),
  ];
}

/** How a node fared in a trial. */
export function describeHealth(
  { node, processor, waited, memory, sessions, away }: HealthResult,
  trial: TrialResult,
): string {
  const at = afterFault(trial);
  const most = Math.max(0, ...processor.map(({ share }) => share));
  const gone = away.map(
    ({ daemon, from, to }) =>
      `${daemon} missing from ${at(from, 0)} ${to === undefined ? 'on' : `to ${at(to, 0)} after the first fault`}`,
  );
  return [
    `${node}: at most ${formatValue(most, 'share')} of a processor`,
    ...(waited === undefined ? [] : [`waited ${formatDuration(waited)} for one, all threads together`]),
    `${(memory / 2 ** 20).toFixed(0)} MiB of memory`,
    ...(sessions === undefined ? [] : [`${sessions} tracked connections`]),
    ...gone,
  ].join(', ');
}

/** Writes an offset from a trial's beginning as time from its first fault. */
function afterFault({ marks }: TrialResult) {
  const first = marks.find(({ kind }) => kind === 'fault')?.at ?? 0;
  return (offset: number, digits = 3) => `${inSeconds(offset - first, digits)} s`;
}

/** Seconds with so many decimals, and no sign where they are all 0: what a fault hit was on its way before it. */
export const inSeconds = (nanoseconds: number, digits = 3): string =>
  (nanoseconds / 1e9).toLocaleString('en', {
    ...{ minimumFractionDigits: digits, maximumFractionDigits: digits },
    ...{ useGrouping: false, signDisplay: 'negative' },
  });

/** What the instrument's own error was when the machine was calibrated. */
export const describeCalibration = (calibration: Calibration | undefined): string =>
  calibration
    ? `${calibration.cuts} cuts of known length on ${calibration.at.slice(0, 10)}: error median ${formatDuration(calibration.median)}, largest ${formatDuration(calibration.largest)}, ${calibration.outside === 0 ? 'none' : calibration.outside} outside the stated bounds`
    : 'none made with this version on this machine: faildrill calibrate';

/** The files that a result rests on, the recording first, with their SHA-256. */
export const filesOf = ({ recording, files }: DrillResult): FileFact[] => [
  ...(recording ? [{ path: 'recording.ndjson', sha256: recording.sha256 }] : []),
  ...files,
];

/** Whether a recording is as it was written, in a sentence. */
export function describeSeal({ recording, outcome }: DrillResult): string {
  if (!recording) return '';
  const { seal, altered } = recording;
  if (altered !== undefined) return `${altered}.`;
  if (seal === 'intact')
    return 'The recording is as the drill wrote it: the SHA-256 in its last line is right.';
  return outcome === 'killed'
    ? 'The recording was cut off, so it has no SHA-256 in its last line to tell by whether it was changed since.'
    : 'The recording is of a version that wrote no SHA-256 in its last line to tell by whether it was changed since.';
}
