import type { ProbeTrack, Trial } from './drill-data.js';
import type { TransferResult } from './result.js';
import { BINS } from './series.js';
import { byWay, type Counter, type TransferTrack } from './transfer.js';

/** Shortest bin of a timeline, nanoseconds: it holds a few of the recording's. */
const SHORTEST = 100e6;

/** What a probe delivered over a trial, each way. */
export function transfersOf({ id, transfers }: ProbeTrack, trial: Trial): TransferResult[] {
  return byWay(transfers).map(({ way, tracks }) => ({ probe: id, way, ...seriesOf(tracks, trial) }));
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
