import type { Bracket, Instant } from '../../linux/clock.js';
import type { Family } from '../../probes/probe.js';
import type { Probe } from '../../probes/registry.js';
import type { EventReference, Unit } from '../../scenario/target.js';
import { type DrillData, eventOf, type ProbeTrack, type Trial } from '../drill-data.js';
import type { Measurement } from '../measurement.js';
import { delaysOf, type Window } from '../runs.js';

/** What a metric is about: a probe of a family, watches, an operator step, or nothing but the operators. */
export type Subject = Family | 'watch' | 'two watches' | 'operator step' | 'operators';

/** What a metric is asked. */
export interface Question {
  data: DrillData;
  trial: Trial;
  subjects: readonly string[];
  /** Event to measure from, where the target names one. */
  event?: EventReference;
}

/** A quantity that targets can limit. One file a metric, and a line in the registry. */
export interface Metric {
  name: string;
  description: string;
  /** Where its definition comes from. */
  source: string;
  subject: Subject;
  unit: Unit;
  /** Event that it is measured from unless a target names another: the first fault, or the last clearing; none for the whole trial. */
  from: 'inject' | 'clear' | 'trial';
  /** Whether its error is the probe's interval, so that a target below twice that can never be decided. */
  bySampling: boolean;
  /** Whether it depends on which way the probe's packets went. */
  needsPath?: boolean;
  /** Whether it is about links that the lab labels as transit; then it is of a whole trial. */
  needsTransit?: boolean;
  /** Whether it is about how long something is so, and not about instants. */
  needsState?: boolean;
  /** Whether it counts what a watch senses; one that looks from time to time may miss some. */
  needsEvents?: boolean;
  /** Whether somebody has to notice the event before it comes to its end, so that timers bound it. */
  isDetected?: boolean;
  /** Why it cannot be had of a probe as that is set, where it is of probes' kind. */
  refuses?(probe: Probe): string | undefined;
  /** What a comparison takes for better, unless it is less: more, or neither of the two. */
  prefers?: 'more' | 'neither';
  /** Measures one trial: one figure, or one for each flow. Nothing where the trial has no such event. */
  measure(question: Question): Measurement[];
}

/**
 * The event that a question is about, and the time from it to the next step that does something to the lab, or the end of the trial. What
 * the same step does, in parallel or by itself as a flap, belongs to the event.
 */
export function eventAndWindow(
  { trial, event }: Question,
  from: 'inject' | 'clear',
): { at: Bracket; window: Window } | undefined {
  const at = event ? eventOf(trial, event.fault, event.clear) : defaultEvent(trial, from);
  if (!at) return undefined;
  const stepOf = (instant: number) => trial.steps.findLastIndex(({ t }) => t <= instant);
  const next = trial.faults
    .map(({ before }) => before)
    .filter((before) => before > at.after && stepOf(before) > stepOf(at.before));
  return { at, window: { from: at.before, to: Math.min(trial.to, ...next) } };
}

/** The time from the event that a target names to the next step; the whole trial where it names none. */
export const windowOf = (question: Question): Window | undefined =>
  question.event
    ? eventAndWindow(question, 'inject')?.window
    : { from: question.trial.from, to: question.trial.to };

/** How long packets are on their way at least is taken from this much time before an event, nanoseconds. */
const BASELINE = 1e9;

/**
 * The time in which what is sent meets an event's effect: from when it had taken effect to the next step, less the longest delay of what
 * arrived in it. What is sent later may still be on its way when the next step begins, and meet what that does; and so did what was sent
 * sooner and arrived after the end.
 */
export function windowOfEffect(question: Question): (Window & { end: Instant }) | undefined {
  const found = eventAndWindow(question, 'inject');
  if (!found) return undefined;
  const { at, window } = found;
  const met = { from: at.before - BASELINE, to: window.to };
  const delays = probeOf(question).streams.map((stream) => delaysOf(stream, met, window.to).at(-1) ?? 0);
  return { from: at.after, to: Math.max(at.after, window.to - Math.max(0, ...delays)), end: window.to };
}

function defaultEvent(trial: Trial, from: 'inject' | 'clear'): Bracket | undefined {
  const events = trial.faults.filter(({ action }) => action === from);
  return from === 'inject' ? events[0] : events.at(-1);
}

/** The probe of a question. */
export const probeOf = ({ data, subjects }: Question): ProbeTrack => data.probes.get(subjects[0]!)!;

/** The forwarding delay threshold of a drill. */
export const thresholdOf = ({ data }: Question): number => data.scenario['forwarding-delay-threshold'];
