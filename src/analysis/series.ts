import type { ProbeTrack, Trial } from './drill-data.js';
import { endOfSession } from './metrics/sessions.js';
import type { PathTrack } from './path.js';
import type { SeriesResult, SessionResult, TrafficResult } from './result.js';
import type { StreamTrack } from './track.js';

/** Bins of a trial's timeline. */
export const BINS = 300;

/** Gaps of a session from this many intervals on are stalls. */
export const STALL = 10;

/** Loss and delay of a packet probe over a trial. */
export function seriesOf(probe: ProbeTrack, { from, to }: Trial, threshold: number): SeriesResult {
  const bin = Math.max(probe.interval, (to - from) / BINS);
  const bins = Math.max(1, Math.ceil((to - from) / bin));
  const visit = (act: (stream: StreamTrack, number: number, at: number) => void) => {
    for (const stream of probe.streams) {
      const end = stream.firstFrom(to);
      for (let number = stream.firstFrom(from); number < end; number++)
        act(stream, number, Math.min(bins - 1, Math.floor((stream.dueAt(number) - from) / bin)));
    }
  };
  const delayOf = (stream: StreamTrack, number: number) => stream.receivedAt(number) - stream.sentAt(number);
  const [sent, impaired, arrived] = [0, 0, 0].map(() => Array<number>(bins).fill(0)) as [
    number[],
    number[],
    number[],
  ];
  visit((stream, number, at) => {
    sent[at]!++;
    if (stream.fate(number, threshold)) impaired[at]!++;
    if (delayOf(stream, number) <= threshold) arrived[at]!++;
  });
  // There may be millions: typed arrays of the right length sort many times as fast, and leave no garbage.
  const delays = arrived.map((count) => new Float64Array(count));
  visit((stream, number, at) => {
    const delay = delayOf(stream, number);
    if (delay <= threshold) delays[at]![--arrived[at]!] = delay;
  });
  const median = (values: Float64Array) => values.sort()[values.length >> 1] ?? null;
  return { probe: probe.id, bin, sent, impaired, delay: delays.map(median) };
}

/** What each link carried in a trial. */
export function trafficOf(paths: PathTrack, { from, to }: Trial): TrafficResult[] {
  const bins = Math.max(1, Math.min(BINS, paths.firstAfter(to) - paths.firstAfter(from)));
  const bin = (to - from) / bins;
  // The recording's bins that end in one of these; where a late one skipped it, the one that covers it.
  const ends = Array.from({ length: bins + 1 }, (_, index) => paths.firstAfter(from + index * bin));
  return paths.links.flatMap((link) => {
    const rate = ends
      .slice(1)
      .map((end, index) => paths.rate(link, Math.min(ends[index]!, end - 1), end - 1));
    return rate.some((value) => value > 0) ? { link, bin, rate } : [];
  });
}

/** What became of each session of a probe in a trial. */
export function sessionsOf(probe: ProbeTrack, trial: Trial): SessionResult[] {
  return Array.from({ length: probe.streams.length / 2 }, (_, session) => {
    const end = endOfSession(probe, session, trial);
    const there = probe.streams[2 * session]!;
    return {
      probe: probe.id,
      session,
      survived: end === undefined,
      detail: end ?? 'kept its connection, delivered everything in order',
      stalls: stallsOf(probe.streams[2 * session + 1]!, there.count, trial, STALL * probe.interval),
    };
  });
}

/** Stretches of a trial without an arrival in a stream: offsets from its beginning. */
export function stallsOf(
  stream: StreamTrack,
  count: number,
  trial: Trial,
  least: number,
): SessionResult['stalls'] {
  const { from, to } = trial;
  const stalls: SessionResult['stalls'] = [];
  let last = from;
  for (const at of [...stream.arrivals(trial, count), to]) {
    if (at - last >= least) stalls.push({ from: last - from, to: at - from });
    last = at;
  }
  return stalls;
}

/** Whether a probe counts packets. */
export const countsPackets = ({ families }: ProbeTrack): boolean => families.includes('packets');

/** Connections that a probe is to have all the time, as far as it tells. */
export const connectionsOf = ({ families, streams }: ProbeTrack): number =>
  families.includes('sessions') ? streams.length / 2 : families.includes('tcp-senders') ? streams.length : 0;
