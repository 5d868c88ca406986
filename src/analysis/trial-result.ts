import type { Bracket } from '../linux/clock.js';
import { type DrillData, eventOf, type Trial } from './drill-data.js';
import { healthOf } from './health.js';
import { leaksIn } from './metrics/leaked-packets.js';
import { eventAndWindow, type Question } from './metrics/metric.js';
import { metrics } from './metrics/registry.js';
import { instructionsOf, operatorMarks, remarksOf } from './operators.js';
import { refusalsOf } from './refusals.js';
import type { LeakResult, Mark, TrialResult, WatchResult } from './result.js';
import type { Window } from './runs.js';
import { countsPackets, seriesOf, sessionsOf, trafficOf } from './series.js';
import { statesOf } from './spans.js';
import { transfersOf } from './transfer-series.js';
import { disturbances } from './validity.js';

/** Everything that a report shows of one trial. */
export function trialResult(data: DrillData, trial: Trial): TrialResult {
  const disturbed = disturbances(data, trial);
  const { from, to, attempt, complete } = trial;
  const probes = [...data.probes.values()];
  return {
    trial: trial.trial,
    attempt,
    valid: disturbed.length === 0,
    disturbances: disturbed,
    from,
    to,
    complete,
    marks: marksOf(data, trial).sort((a, b) => a.at - b.at),
    bands: bandsOf(trial),
    steps: trial.steps.map(({ text, t }) => ({ text, at: t - from })),
    series: probes
      .filter(countsPackets)
      .map((probe) => seriesOf(probe, trial, data.scenario['forwarding-delay-threshold'])),
    sessions: probes
      .filter(({ families }) => families.includes('sessions'))
      .flatMap((probe) => sessionsOf(probe, trial)),
    transfers: probes.flatMap((probe) => transfersOf(probe, trial)),
    leaks: mergedLeaks(data, trial),
    traffic: trafficOf(data.paths, trial),
    health: healthOf(data, trial),
    instructions: instructionsOf(data, trial),
    remarks: remarksOf(trial),
    watches: watchesOf(data, trial),
    refusals: probes.flatMap((probe) => refusalsOf(probe, trial)),
  };
}

/** What each watch saw; one that only sees instants counts where it did not know. */
function watchesOf({ scenario, scenarioEvent, signals }: DrillData, trial: Trial): WatchResult[] {
  const { momentary = [] } = scenarioEvent ?? {};
  const shift = <W extends Window>(span: W): W => ({
    ...span,
    from: span.from - trial.from,
    to: span.to - trial.from,
  });
  return Object.keys(scenario.watches).flatMap((watch) => {
    const isMomentary = momentary.includes(watch);
    const { active, unknown } = statesOf(signals.get(watch) ?? [], trial);
    if (isMomentary && unknown.length === 0) return [];
    return { watch, active: isMomentary ? [] : active.map(shift), unknown: unknown.map(shift) };
  });
}

/** What leaked, by probe, link and direction. */
function mergedLeaks(data: DrillData, trial: Trial): LeakResult[] {
  const merged = new Map<string, LeakResult>();
  for (const { probe, link, direction, packets, first, last, excerpt } of leaksIn(data, trial)) {
    const key = JSON.stringify([probe, link, direction]);
    const known = merged.get(key);
    const to = last - trial.from;
    if (known) Object.assign(known, { packets: known.packets + packets, to });
    else merged.set(key, { probe, link, direction, packets, from: first - trial.from, to, excerpt });
  }
  return [...merged.values()];
}

function bandsOf(trial: Trial): TrialResult['bands'] {
  return trial.faults
    .filter(({ action }) => action === 'inject')
    .map(({ fault, target, before }) => ({
      label: `${fault}: ${target}`,
      from: before - trial.from,
      to: (eventOf(trial, fault, true)?.after ?? trial.to) - trial.from,
    }));
}

function marksOf(data: DrillData, trial: Trial): Mark[] {
  const at = ({ before, after }: Bracket) => ({
    at: (before + after) / 2 - trial.from,
    error: (after - before) / 2,
  });
  const faults = trial.faults.map(
    (event): Mark => ({
      kind: event.action === 'inject' ? 'fault' : 'clear',
      label: event.action === 'inject' ? event.fault : `${event.fault} cleared`,
      ...at(event),
    }),
  );
  const first = trial.faults[0]?.before ?? trial.to;
  const signals = [...data.signals].flatMap(([watch, list]) =>
    list
      .filter(({ before, after, active }) => active && after >= first && before <= trial.to)
      .slice(0, MOST_SIGNALS)
      .map((signal): Mark => ({ kind: 'signal', label: `${watch}: ${signal.detail}`, ...at(signal) })),
  );
  return [...faults, ...signals, ...momentsOf(data, trial), ...operatorMarks(trial)];
}

/** Signals of one watch that a timeline has room for. */
const MOST_SIGNALS = 10;

/** First flow, recovery and reversion of each packet probe. */
function momentsOf(data: DrillData, trial: Trial): Mark[] {
  const moments = [
    { kind: 'first-flow', metric: metrics.first_flow_time, from: 'inject', label: 'first flow back' },
    { kind: 'recovered', metric: metrics.recovery_time, from: 'inject', label: 'recovered' },
    { kind: 'reverted', metric: metrics.time_to_reversion, from: 'clear', label: 'back on the primary path' },
  ] as const;
  const probes = [...data.probes.values()].filter(countsPackets).map(({ id }) => id);
  return probes.flatMap((probe) =>
    moments.flatMap(({ kind, metric, from, label }): Mark[] => {
      const question: Question = { data, trial, subjects: [probe] };
      const event = eventAndWindow(question, from);
      const measurement = event && metric.measure(question)[0];
      if (!measurement || measurement.missing !== undefined || measurement.value === 0) return [];
      const { lower, upper } = measurement;
      // Where the event's bracket is wide, only its beginning leaves the instant within the error.
      const at = event.at.before - trial.from + (lower + upper) / 2;
      return [{ kind, label: `${probe} ${label}`, at, error: (upper - lower) / 2 }];
    }),
  );
}
