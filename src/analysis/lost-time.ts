import { impairedCount, type Run, type Window } from './runs.js';
import { ROUNDING, type StreamTrack } from './track.js';

/**
 * How long a stream was without service in runs of impaired packets, together: an outage began after the last packet that got through was
 * sent, and ended before the next one that did. The value is the packets' number times their interval (RFC 6412 equation 8).
 */
export function lostTime(stream: StreamTrack, runs: readonly Run[]) {
  const total = (length: (run: Run) => number) => runs.reduce((sum, run) => sum + length(run), 0);
  const lower = total(({ first, last }) => stream.sentAt(last) - stream.sentAt(first));
  const upper = total(({ first, last }) => stream.sentAfter(last) - stream.sentBefore(first)) + ROUNDING;
  const value = Math.min(upper, Math.max(lower, impairedCount(runs) * stream.interval));
  return { value, lower: Math.max(0, lower - ROUNDING), upper };
}

/**
 * The longest time between two packets of a stream that a window has a part of: an outage no longer than that may not have been noticed. A
 * short window may hold no packet at all.
 */
export function longestGap(stream: StreamTrack, { from, to }: Window): number {
  let longest = 0;
  const end = stream.firstFrom(to);
  for (let number = Math.max(stream.first, stream.firstFrom(from) - 1); number < end; number++)
    longest = Math.max(longest, stream.sentAfter(number) - stream.sentAt(number));
  return longest + ROUNDING;
}
