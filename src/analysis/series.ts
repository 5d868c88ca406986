import type { ProbeTrack, Trial } from './drill-data.js';
import { endOfSession } from './metrics/sessions.js';
import type { SeriesResult, SessionResult } from './result.js';
import type { StreamTrack } from './track.js';

/** Bins of a trial's timeline. */
const BINS = 300;

/** Gaps of a session from this many intervals on are stalls. */
const STALL = 10;

/** Loss and delay of a packet probe over a trial. */
export function seriesOf(probe: ProbeTrack, { from, to }: Trial, threshold: number): SeriesResult {
  const bin = Math.max(probe.interval, (to - from) / BINS);
  const bins = Math.max(1, Math.ceil((to - from) / bin));
  const sent = Array<number>(bins).fill(0);
  const impaired = Array<number>(bins).fill(0);
  const delays = Array.from({ length: bins }, () => [] as number[]);
  for (const stream of probe.streams) {
    for (let number = stream.firstFrom(from); number < stream.firstFrom(to); number++) {
      const at = Math.min(bins - 1, Math.floor((stream.dueAt(number) - from) / bin));
      sent[at]!++;
      if (stream.fate(number, threshold)) impaired[at]!++;
      const delay = stream.receivedAt(number) - stream.sentAt(number);
      if (delay <= threshold) delays[at]!.push(delay);
    }
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? null;
  return { probe: probe.id, bin, sent, impaired, delay: delays.map(median) };
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

function stallsOf(
  stream: StreamTrack,
  count: number,
  { from, to }: Trial,
  least: number,
): SessionResult['stalls'] {
  const arrivals: number[] = [];
  for (let number = 0; number < count; number++) {
    const at = stream.receivedAt(number);
    if (at >= from && at <= to) arrivals.push(at);
  }
  arrivals.sort((a, b) => a - b);
  const stalls: SessionResult['stalls'] = [];
  let last = from;
  for (const at of [...arrivals, to]) {
    if (at - last >= least) stalls.push({ from: last - from, to: at - from });
    last = at;
  }
  return stalls;
}

/** Whether a probe counts packets; the others hold sessions. */
export const countsPackets = ({ families }: ProbeTrack): boolean => families.includes('packets');
