import type { ProbeTrack, Trial } from './drill-data.js';
import type { RefusalResult, TransferResult } from './result.js';
import type { Counter, TransferTrack } from './transfer.js';

/** Bins of a trial's timeline, and the shortest: it holds a few of the recording's. */
const BINS = 300;
const SHORTEST = 100e6;

/** What a probe delivered over a trial, each way. */
export function transfersOf({ id, transfers }: ProbeTrack, trial: Trial): TransferResult[] {
  return [...new Set(transfers.map(({ way }) => way))].map((way) => {
    const tracks = transfers.filter((track) => track.way === way);
    return { probe: id, way, ...seriesOf(tracks, trial) };
  });
}

function seriesOf(tracks: readonly TransferTrack[], { from, to }: Trial) {
  const bin = Math.max(SHORTEST, (to - from) / BINS);
  const windows = Array.from({ length: Math.max(1, Math.ceil((to - from) / bin)) }, (_, index) => ({
    from: from + index * bin,
    to: Math.min(to, from + (index + 1) * bin),
  }));
  const total = (counter: Counter) =>
    windows.map((window) => tracks.reduce((sum, track) => sum + track.count(counter, window).value, 0));
  const slowest = windows.map(({ from, to }) => {
    const times = tracks.flatMap((track) => track.rtt.slice(track.firstAfter(from), track.firstAfter(to)));
    return Math.max(0, ...times) || null;
  });
  return {
    bin,
    goodput: total('received').map((bytes, index) => {
      const { from, to } = windows[index]!;
      return to > from ? (bytes * 8e9) / (to - from) : 0;
    }),
    ...(tracks.some((track) => track.counts('retransmissions')) && {
      retransmissions: total('retransmissions').map(Math.round),
    }),
    rtt: slowest,
  };
}

/** Connections of a bulk transfer that broke or did not come about in a trial, by reason. */
export function breaksOf({ id, sessions, transfers }: ProbeTrack, { from, to }: Trial): RefusalResult[] {
  const byReason = new Map<string, RefusalResult>();
  for (const { what, at, detail } of sessions) {
    if (transfers.length === 0 || what === 'connected' || at < from || at >= to) continue;
    const why = `connection ${what} (${detail})`;
    const known = byReason.get(why) ?? { probe: id, why, count: 0, from: at - from, to: at - from };
    known.count++;
    known.to = at - from;
    byReason.set(why, known);
  }
  return [...byReason.values()];
}
