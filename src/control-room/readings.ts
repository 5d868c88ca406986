import { connectionsOf, countsPackets } from '../analysis/series.js';
import type { Observer } from '../drill/conditions.js';

/** How a probe fares now. */
export interface Reading {
  probe: string;
  kind: string;
  /** Share of the packets of the last second that were impaired; null where it has none to lose. */
  loss: number | null;
  /** Median delay of the last second, nanoseconds; null where nothing arrived. */
  delay: number | null;
  /** Bits a second that arrived; null where the probe moves no data. */
  goodput: number | null;
}

/** How long "now" is, nanoseconds. */
const NOW = 1e9;

/** How each probe fared in the last second that can be judged: about half a second ago, since what was sent must have had the time to arrive. */
export function readingsOf(observer: Observer): Reading[] {
  const isEarly = observer.judgedUpTo < NOW;
  return [...observer.data.probes.values()].map((probe): Reading => {
    const { id, kind, transfers } = probe;
    const isMoving = transfers.length > 0;
    const counts = !isEarly && !isMoving && (countsPackets(probe) || connectionsOf(probe) > 0);
    return {
      probe: id,
      kind,
      loss: counts ? observer.loss(id, NOW).share : null,
      delay: counts && countsPackets(probe) ? (observer.delay(id, NOW) ?? null) : null,
      goodput: isMoving && !isEarly ? goodputOf(observer, id) : null,
    };
  });
}

/** What all streams of a transfer together delivered in the last second that all of them have told of, bits a second. */
function goodputOf({ data }: Observer, id: string): number | null {
  const { transfers } = data.probes.get(id)!;
  const ends = transfers.flatMap(({ ends }) => ends.at(-1) ?? []);
  if (ends.length < transfers.length) return null;
  const to = Math.min(...ends);
  let bytes = 0;
  for (const transfer of transfers) {
    for (let bin = transfer.ends.length - 1; bin >= 0 && transfer.ends[bin]! > to - NOW; bin--)
      if (transfer.ends[bin]! <= to) bytes += transfer.in('received', bin);
  }
  return (bytes * 8e9) / NOW;
}
