import type { Instant } from '../../linux/clock.js';
import { type Codec, codecs, opinionScore, rating } from '../e-model.js';
import { best, exact, type Measurement } from '../measurement.js';
import { delaysOf, type Window } from '../runs.js';
import type { StreamTrack } from '../track.js';
import { eventAndWindow, type Metric, probeOf } from './metric.js';

/** Length of a window, and from the start of one to that of the next, nanoseconds. */
const WINDOW = 5e9;
const STEP = 1e9;

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
  measure(question): Measurement[] {
    const { data, trial, event } = question;
    const whole = event ? eventAndWindow(question, 'inject')?.window : trial;
    if (!whole) return [];
    const { id, streams } = probeOf(question);
    const { codec, 'jitter-buffer': buffer } = data.scenario.probes[id] as unknown as Call;
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
  const [first, end] = [stream.firstFrom(window.from), stream.firstFrom(window.to)];
  if (first === end) return undefined;
  // The buffer finds its place anew in each window: the fastest packet waits in it for its whole length.
  const [shortest = 0] = delaysOf(stream, window);
  let [lost, runs] = [0, 0];
  let wasLost = false;
  for (let number = first; number < end; number++) {
    const delay = stream.receivedAt(number) - stream.sentAt(number);
    const isLost = !(delay <= shortest + buffer);
    if (isLost) lost++;
    if (isLost && !wasLost) runs++;
    wasLost = isLost;
  }
  const loss = lost / (end - first);
  // Lost at random, a run would be 1 / (1 - loss) packets long.
  const burst = runs === 0 ? 1 : Math.max(1, (lost / runs) * (1 - loss));
  return opinionScore(rating({ codec, delay: shortest + buffer + codec.coding, loss, burst }));
}
