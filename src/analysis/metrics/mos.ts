import type { Instant } from '../../linux/clock.js';
import { type Codec, codecs, opinionScore, rating } from '../e-model.js';
import { best, exact, type Measurement } from '../measurement.js';
import { delaysOf, type Window } from '../runs.js';
import type { StreamTrack } from '../track.js';
import { type Metric, probeOf, windowOf } from './metric.js';

/** Length of a window, and from the start of one to that of the next, nanoseconds. */
const WINDOW = 5e9;
const STEP = 1e9;

/** How often a jitter buffer finds its place anew, nanoseconds: between two spurts of speech. */
const SPURT = 1e9;

/** What a voip probe says of itself in its scenario. */
interface Call {
  codec: keyof typeof codecs;
  'jitter-buffer': number;
}

export const mos: Metric = {
  name: 'mos',
  description: 'mean opinion score of the worst five seconds of the worst call and direction, from 1 to 4.4',
  source: 'ITU-T G.107, E-model',
  subject: 'voice',
  unit: 'number',
  from: 'trial',
  bySampling: false,
  prefers: 'more',
  measure(question): Measurement[] {
    const whole = windowOf(question);
    if (!whole) return [];
    const { id, streams } = probeOf(question);
    const { codec, 'jitter-buffer': buffer } = question.data.scenario.probes[id] as unknown as Call;
    const scores = streams.flatMap((stream) =>
      windowsOf(whole).flatMap((window) => {
        const score = scoreOf(stream, window, { codec: codecs[codec], buffer });
        return score === undefined ? [] : [exact(score, stream.name)];
      }),
    );
    return scores.length === 0 ? [] : [best(scores)];
  },
};

/** Windows of five seconds, one each second; a shorter time is one window. */
function windowsOf({ from, to }: { from: Instant; to: Instant }): Window[] {
  const windows: Window[] = [];
  for (let start = from; start === from || start + WINDOW <= to; start += STEP)
    windows.push({ from: start, to: Math.min(start + WINDOW, to) });
  return windows;
}

/** What a listener would have said of a window; nothing where nothing was sent in it. */
function scoreOf(
  stream: StreamTrack,
  window: Window,
  { codec, buffer }: { codec: Codec; buffer: number },
): number | undefined {
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
  const delay = (seconds === 0 ? 0 : waited / seconds) + buffer + codec.coding;
  return opinionScore(rating({ codec, delay, loss, burst }));
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
