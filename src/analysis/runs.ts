import type { Instant } from '../linux/clock.js';
import type { Fate, StreamTrack } from './track.js';

/** A part of a drill: from an instant up to another, not including it. */
export interface Window {
  from: Instant;
  to: Instant;
}

/** Packets one after the other that were all impaired. */
export interface Run {
  first: number;
  last: number;
}

/** Fates that count as loss; the others only impair. */
const LOSS: ReadonlySet<Fate> = new Set(['lost', 'late', 'corrupted']);

/**
 * The runs of impaired packets of a stream among those due in a window.
 * @param threshold forwarding delay threshold, nanoseconds
 */
export function impairedRuns(
  stream: StreamTrack,
  { from, to }: Window,
  threshold: number,
  only?: 'loss',
): Run[] {
  const runs: Run[] = [];
  const end = stream.firstFrom(to);
  let open: Run | undefined;
  for (let number = stream.firstFrom(from); number < end; number++) {
    const fate = stream.fate(number, threshold);
    if (fate === undefined || (only === 'loss' && !LOSS.has(fate))) {
      open = undefined;
    } else if (open) {
      open.last = number;
    } else {
      open = { first: number, last: number };
      runs.push(open);
    }
  }
  return runs;
}

/** Number of impaired packets in runs. */
export const impairedCount = (runs: readonly Run[]): number =>
  runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);

/** Delays of the packets due in a window that arrived by an instant, nanoseconds, shortest first. */
export function delaysOf(
  stream: StreamTrack,
  { from, to }: Window,
  by: Instant = Number.POSITIVE_INFINITY,
): number[] {
  const delays: number[] = [];
  for (let number = stream.firstFrom(from); number < stream.firstFrom(to); number++) {
    const delay = stream.receivedAt(number) - stream.sentAt(number);
    if (stream.receivedAt(number) <= by) delays.push(delay);
  }
  return delays.sort((a, b) => a - b);
}

/** Median delay of the packets due in a window that arrived by an instant, nanoseconds; NaN where none did. */
export function medianDelay(stream: StreamTrack, window: Window, by?: Instant): number {
  const delays = delaysOf(stream, window, by);
  return delays[Math.floor(delays.length / 2)] ?? Number.NaN;
}
