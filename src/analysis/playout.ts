import type { Instant } from '../linux/clock.js';
import { delaysOf, type Window } from './runs.js';
import type { StreamTrack } from './track.js';

/** Length of a window of listening, and from the start of one to that of the next, nanoseconds. */
const WINDOW = 5e9;
const STEP = 1e9;

/** How often a jitter buffer finds its place anew, nanoseconds: between two spurts of speech. */
const SPURT = 1e9;

/** What a jitter buffer made of the packets of a window. */
export interface Played {
  /** Share of packets that were lost, or came too late to be played. */
  loss: number;
  /** How much longer runs of lost packets are than if they were lost at random; 1 where they are as long. */
  burst: number;
  /** From when a packet is sent until it is played, nanoseconds. */
  delay: number;
}

/** Windows of five seconds, one each second; a shorter time is one window. */
export function windowsOf({ from, to }: { from: Instant; to: Instant }): Window[] {
  const windows: Window[] = [];
  for (let start = from; start === from || start + WINDOW <= to; start += STEP)
    windows.push({ from: start, to: Math.min(start + WINDOW, to) });
  return windows;
}

/**
 * What is played of a window; nothing where nothing was sent in it.
 * @param buffer how long the fastest packet waits to be played, nanoseconds
 */
export function played(stream: StreamTrack, window: Window, buffer: number): Played | undefined {
  let [sent, lost, runs, waited, seconds] = [0, 0, 0, 0, 0];
  let wasLost = false;
  for (let from = window.from; from < window.to; from += SPURT) {
    const spurt = { from, to: Math.min(from + SPURT, window.to) };
    const playout = playoutOf(stream, spurt);
    if (playout !== undefined) {
      waited += playout;
      seconds++;
    }
    const end = stream.firstFrom(spurt.to);
    for (let number = stream.firstFrom(from); number < end; number++) {
      const delay = stream.receivedAt(number) - stream.sentAt(number);
      const isLost = playout === undefined || !(delay <= playout + buffer);
      sent++;
      if (isLost) lost++;
      if (isLost && !wasLost) runs++;
      wasLost = isLost;
    }
  }
  if (sent === 0) return undefined;
  const loss = lost / sent;
  // Lost at random, a run would be 1 / (1 - loss) packets long.
  const burst = runs === 0 ? 1 : Math.max(1, (lost / runs) * (1 - loss));
  return { loss, burst, delay: (seconds === 0 ? 0 : waited / seconds) + buffer };
}

/**
 * What the buffer takes for the shortest delay of a second, without its own length: the longer of that second's and of the one before, so that it
 * grows between two spurts of speech, and shrinks a second later. Nothing where no packet arrived.
 */
function playoutOf(stream: StreamTrack, { from, to }: Window): number | undefined {
  const [now] = delaysOf(stream, { from, to });
  const [before] = delaysOf(stream, { from: from - SPURT, to: from });
  return now === undefined ? undefined : Math.max(now, before ?? now);
}
