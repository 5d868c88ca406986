import type { Bracket } from '../linux/clock.js';
import type { DrillData, ProbeTrack, Trial } from './drill-data.js';
import { atLeast, type Measurement, timeSince } from './measurement.js';
import { eventAndWindow, type Question } from './metrics/metric.js';
import { metrics } from './metrics/registry.js';
import { endOfSession } from './metrics/sessions.js';
import { overTrials } from './over-trials.js';
import { PHASES, type Phase, WATCHED_PHASES } from './phase.js';
import { sinceCause } from './recovery.js';
import type { FaultPhases } from './result.js';
import type { Window } from './runs.js';
import { countsPackets, STALL, stallsOf } from './series.js';
import { ROUNDING } from './track.js';

/** When one trial came to a phase: time from the fault. */
export interface PhaseFigure {
  fault: string;
  phase: Phase;
  /** The watch or probe that shows it. */
  by: string;
  measurement: Measurement;
}

/** When a trial came to each phase after each of its faults, by everything that can show it. Faults of one step are one. */
export function phasesIn(data: DrillData, trial: Trial): PhaseFigure[] {
  return faultsOf(trial).flatMap(({ names, name }) => {
    const question = { data, trial, event: { fault: names[0]!, clear: false } };
    const found = eventAndWindow({ ...question, subjects: [] }, 'inject');
    if (!found) return [];
    const figures = (phase: Phase, subjects: readonly string[], measure: (subject: string) => Measurement) =>
      subjects.map((by): PhaseFigure => ({ fault: name, phase, by, measurement: measure(by) }));
    const { at, window } = found;
    const packets = probesThat(data, countsPackets);
    const measured = (metric: 'first_flow_time' | 'recovery_time') => (probe: string) =>
      metrics[metric].measure({ ...question, subjects: [probe] } satisfies Question)[0]!;
    const sessions = probesThat(data, ({ families }) => families.includes('sessions'));
    return [
      ...WATCHED_PHASES.flatMap((phase) =>
        figures(phase, watchesOf(data, phase), (watch) => firstChange(data, watch, at, window)),
      ),
      ...figures('first flow', packets, measured('first_flow_time')),
      ...figures('all flows', packets, measured('recovery_time')),
      ...figures('sessions', sessions, (probe) => sessionsBack(data.probes.get(probe)!, trial, at, window)),
    ];
  });
}

/** The injections of a trial, those of one step together; a flap is one. */
function faultsOf({ faults, steps }: Trial): { names: string[]; name: string }[] {
  const bySteps = new Map<number, Set<string>>();
  for (const { action, fault, before } of faults) {
    if (action !== 'inject') continue;
    const step = steps.findLastIndex(({ t }) => t <= before);
    bySteps.set(step, (bySteps.get(step) ?? new Set()).add(fault));
  }
  const groups = [...bySteps.values()].map((names) => [...names]);
  const distinct = new Map(groups.map((names) => [names.join(' + '), names]));
  return [...distinct].map(([name, names]) => ({ name, names }));
}

const probesThat = ({ probes }: DrillData, fits: (probe: ProbeTrack) => boolean): string[] =>
  [...probes.values()].filter(fits).map(({ id }) => id);

const watchesOf = ({ scenarioEvent }: DrillData, phase: Phase): string[] =>
  Object.entries(scenarioEvent?.phases ?? {}).flatMap(([watch, its]) => (its === phase ? [watch] : []));

/**
 * When a watch first told of something else than before an event: that what it looks for is so, or is no longer so. While nobody could know, it may
 * have changed already.
 */
function firstChange(data: DrillData, watch: string, at: Bracket, { to }: Window): Measurement {
  const signals = data.signals.get(watch) ?? [];
  const isMomentary = data.scenarioEvent?.momentary?.includes(watch) ?? false;
  const first = signals.findIndex(({ after }) => after >= at.before);
  const earlier = first < 0 ? signals : signals.slice(0, first);
  const before = earlier.findLast(({ unknown }) => !unknown);
  // What it did not know when the event came belongs to the time since.
  const since = signals
    .slice(earlier.at(-1)?.unknown ? earlier.length - 1 : earlier.length)
    .filter(({ before }) => before <= to);
  const index = since.findIndex(
    ({ active, unknown }) => !unknown && (isMomentary || active !== before?.active),
  );
  const change = since[index];
  if (!change) return atLeast(Math.max(0, to - at.after), 'not observed');
  const earliest = since.slice(0, index).find(({ unknown }) => unknown) ?? change;
  return timeSince(at, { before: earliest.before, after: change.after });
}

/** Time from an event until every session of a probe had made progress again. Gaps of less than ten intervals are none. */
function sessionsBack(probe: ProbeTrack, trial: Trial, at: Bracket, window: Window): Measurement {
  const count = probe.streams.length / 2;
  const sessions = Array.from({ length: count }, (_, session) => session);
  const broken = sessions.filter((session) => endOfSession(probe, session, trial) !== undefined);
  if (broken.length > 0)
    return atLeast(
      Math.max(0, window.to - at.after),
      `${broken.length} of ${count} sessions did not survive`,
    );
  const least = STALL * probe.interval;
  const ends = sessions.flatMap((session) => {
    const { count: records } = probe.streams[2 * session]!;
    return stallsOf(probe.streams[2 * session + 1]!, records, trial, least)
      .map(({ from, to }) => ({ from: trial.from + from, to: trial.from + to }))
      .filter(({ from, to }) => to > at.before && from < window.to)
      .map(({ to }) => ({ to, of: `session ${session}` }));
  });
  const last = ends.sort((a, b) => b.to - a.to)[0];
  if (!last) return { value: 0, lower: 0, upper: least + ROUNDING };
  if (last.to >= window.to)
    return { ...atLeast(Math.max(0, window.to - at.after), 'not all made progress again'), of: last.of };
  return {
    value: sinceCause(at, last.to, last.to),
    lower: Math.max(0, last.to - at.after - ROUNDING),
    upper: last.to - at.before + ROUNDING,
    of: last.of,
  };
}

/** The phases of each fault over the valid trials; one that nothing can show is there as well, without figures. */
export function phaseResults(
  trials: readonly { trial: number; phases: readonly PhaseFigure[] }[],
): FaultPhases[] {
  const all = trials.flatMap(({ trial, phases }) => phases.map((figure) => ({ trial, ...figure })));
  return [...new Set(all.map(({ fault }) => fault))].map((fault) => ({
    fault,
    phases: PHASES.flatMap((phase): FaultPhases['phases'] => {
      const figures = all.filter((figure) => figure.fault === fault && figure.phase === phase);
      const shown = [...new Set(figures.map(({ by }) => by))].map((by) => {
        const own = figures
          .filter((figure) => figure.by === by)
          .map(({ trial, measurement }) => ({ trial, measurement }));
        return { phase, by, trials: own, ...overTrials(own) };
      });
      return shown.length > 0 ? shown : [{ phase, trials: [] }];
    }),
  }));
}
