import type { DrillData, Trial } from './drill-data.js';
import { delaysOf, impairedRuns } from './runs.js';
import { crowdedOut, overtaken } from './standstills.js';
import type { StreamTrack } from './track.js';

/** Share of a probe's packets that may be sent later than one interval before its figures are worth nothing. */
const MOST_LATE = 0.05;

/** Longest time without word from the probing thread, nanoseconds: it reports every 200 ms. */
const MOST_SILENCE = 2e9;

/** Probes that the steady state says must lose nothing. */
export function baselineProbes({ scenario, probes }: DrillData): string[] {
  const conditions = scenario['steady-state'];
  if (conditions.length === 0) return [...probes.keys()];
  return conditions.flatMap((condition) =>
    condition.kind === 'loss' && condition.most === 0 ? [condition.probe] : [],
  );
}

/** Longest time between two readings of the path tap, nanoseconds: it reads every 20 ms. */
const MOST_STARVED = 200e6;

/** Why the instruments cannot be trusted for a trial; empty where they can. */
export function disturbances(data: DrillData, trial: Trial): string[] {
  return [
    ...lateSenders(data, trial),
    ...drops(data, trial),
    ...silence(data, trial),
    ...starvation(data, trial),
    ...overtaken(data, trial),
    ...crowdedOut(data, trial),
    ...lateRelay(data, trial),
    ...lateTransfers(data, trial),
    ...baseline(data, trial),
  ];
}

function lateSenders({ probes }: DrillData, { from, to }: Trial): string[] {
  return [...probes.values()].flatMap(({ id, streams, interval }) => {
    let sent = 0;
    let late = 0;
    for (const stream of streams) {
      for (let number = stream.firstFrom(from); number < stream.firstFrom(to); number++) {
        sent++;
        if (stream.lateness(number) > interval) late++;
      }
    }
    const share = late / Math.max(1, sent);
    return share > MOST_LATE
      ? [`probe ${id} sent ${(share * 100).toFixed(1)} % of its packets later than its interval`]
      : [];
  });
}

function drops({ prober }: DrillData, { from, to }: Trial): string[] {
  const before = prober.findLast(({ t }) => t <= from)?.dropped ?? 0;
  const after = prober.findLast(({ t }) => t <= to)?.dropped ?? before;
  return after > before
    ? [`this machine dropped ${after - before} packets before the probes could read them`]
    : [];
}

function silence({ prober, clients }: DrillData, { from, to }: Trial): string[] {
  const threads: [string, number[]][] = [['the probing thread', prober.map(({ t }) => t)]];
  for (const [probe, words] of clients) threads.push([`the thread of the probe ${probe}`, words]);
  return threads.flatMap(([name, words]) => {
    let last = from;
    let longest = 0;
    for (const t of [...words.filter((t) => t > from && t < to), to]) {
      longest = Math.max(longest, t - last);
      last = t;
    }
    return longest > MOST_SILENCE ? [`${name} was silent for ${(longest / 1e9).toFixed(1)} s`] : [];
  });
}

/**
 * The path tap is a thread without privileges that wants to run every 20 ms. What it had to wait for a processor, the lab's daemons had to
 * wait as well, and would be blamed for.
 */
function starvation({ paths }: DrillData, { from, to }: Trial): string[] {
  let longest = 0;
  for (let bin = paths.firstAfter(from); bin < paths.ends.length && paths.startOf(bin) < to; bin++)
    longest = Math.max(longest, paths.ends[bin]! - paths.startOf(bin));
  return longest > MOST_STARVED
    ? [`the machine was so busy that a process had to wait ${(longest / 1e9).toFixed(2)} s for a processor`]
    : [];
}

/** How late the relay may send an impaired packet, nanoseconds: more would be another impairment than the scenario's. */
const MOST_LATE_RELAY = 20e6;

function lateRelay({ relay }: DrillData, { from, to }: Trial): string[] {
  const worst = Math.max(0, ...relay.filter(({ t }) => t > from && t < to).map(({ worst }) => worst));
  return worst > MOST_LATE_RELAY
    ? [`the relay sent an impaired packet ${(worst / 1e6).toFixed(1)} ms too late`]
    : [];
}

/** How late the thread of a bulk transfer may be, nanoseconds: up to here it makes up for it, later its goodput would be this machine's fault. */
const MOST_LATE_TRANSFER = 250e6;

function lateTransfers({ probes }: DrillData, { from, to }: Trial): string[] {
  return [...probes.values()].flatMap(({ id, families, transfers: [track] }) => {
    // Others report in bins of their own.
    if (!track || !families.includes('tcp-senders')) return [];
    let longest = 0;
    for (let bin = track.firstAfter(from); track.starts[bin]! < to; bin++)
      longest = Math.max(longest, track.ends[bin]! - track.starts[bin]!);
    return longest > MOST_LATE_TRANSFER
      ? [`the transfer ${id} was not served for ${(longest / 1e9).toFixed(2)} s`]
      : [];
  });
}

function baseline(data: DrillData, trial: Trial): string[] {
  const first = trial.faults[0]?.before;
  if (first === undefined || trial.notSteady !== undefined) return [];
  const threshold = data.scenario['forwarding-delay-threshold'];
  return baselineProbes(data).flatMap((id) => {
    const probe = data.probes.get(id);
    if (!probe || probe.sessions.length > 0) return [];
    const bad = probe.streams.find((stream) => {
      const window = { from: trial.from, to: first - inFlight(stream, first) };
      return impairedRuns(stream, window, threshold).length > 0;
    });
    return bad ? [`probe ${id} lost packets before the first fault (${bad.name})`] : [];
  });
}

/**
 * How long before a fault a packet may have been sent that the fault caught on its way: as long as the slowest of the last second took, since
 * a request of a busy machine takes that long; 100 ms at least.
 */
function inFlight(stream: StreamTrack, fault: number): number {
  return Math.max(100e6, delaysOf(stream, { from: fault - 1e9, to: fault }, fault).at(-1) ?? 0);
}
