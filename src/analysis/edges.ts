import type { Instant } from '../linux/clock.js';
import type { Run } from './runs.js';
import { countBelow } from './sorted.js';
import type { StreamTrack } from './track.js';

/** A stream lost its service, or got it back, between these instants: when one packet and the next were sent. */
export interface Edge {
  from: Instant;
  to: Instant;
}

/** Where a run of impaired packets began, and where it ended. */
export const edgesOf = (stream: StreamTrack, { first, last }: Run): [Edge, Edge] => [
  { from: stream.sentBefore(first), to: stream.sentAt(first) },
  { from: stream.sentAt(last), to: stream.sentAfter(last) },
];

/**
 * Finds the likeliest instant of each of several edges of the same kind and way. Flows are mostly hit together, while their packets are
 * sent at different moments, so what overlapping edges have in common is narrower than each of them. For values only: that flows were hit
 * together is likely, not certain, so bounds must not rely on it.
 */
export function likeliest(edges: readonly Edge[]): (edge: Edge) => Instant {
  const froms = Float64Array.from(edges, ({ from }) => from).sort();
  const tos = Float64Array.from(edges, ({ to }) => to).sort();
  return ({ from, to }) => {
    const latest = froms[countBelow(froms, to) - 1] ?? from;
    const earliest = tos[countBelow(tos, from, 'or equal')] ?? to;
    // Three edges may overlap one after the other and have nothing in common.
    return latest <= earliest ? (latest + earliest) / 2 : (from + to) / 2;
  };
}
