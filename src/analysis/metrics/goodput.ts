import type { Measurement } from '../measurement.js';
import type { Window } from '../runs.js';
import { add, type Count, type TransferTrack, waysOver } from '../transfer.js';
import { eventAndWindow, type Metric, probeOf } from './metric.js';

const SECOND = 1e9;

/** Bytes that all flows of a way delivered in a window. */
const delivered = (tracks: readonly TransferTrack[], window: Window): Count =>
  tracks.map((track) => track.count('received', window)).reduce(add);

export const goodput: Metric = {
  name: 'goodput',
  description:
    'bits a second that the receiving application got from the event to the next step, all flows together, for each direction',
  source: 'RFC 2647 3.17',
  subject: 'goodput',
  unit: 'rate',
  from: 'inject',
  bySampling: false,
  prefers: 'more',
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const { at, window } = found;
    const [longest, shortest] = [window.to - at.before, window.to - at.after];
    if (shortest <= 0) return [];
    return waysOver(probeOf(question).transfers, window).map(({ way, tracks }): Measurement => {
      // The event lies somewhere in its bracket.
      const middle = (at.before + at.after) / 2;
      const { value } = delivered(tracks, { from: middle, to: window.to });
      const { upper } = delivered(tracks, window);
      const { lower } = delivered(tracks, { from: at.after, to: window.to });
      return {
        value: bitsASecond(value, window.to - middle),
        lower: bitsASecond(lower, longest),
        upper: bitsASecond(upper, shortest),
        of: way,
      };
    });
  },
};

export const lowestGoodput: Metric = {
  name: 'lowest_goodput',
  description:
    'goodput of the worst second, wherever it begins, from the event to the next step, for each direction',
  source: 'RFC 2647 3.17',
  subject: 'goodput',
  unit: 'rate',
  from: 'inject',
  bySampling: false,
  prefers: 'more',
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const { at, window } = found;
    return waysOver(probeOf(question).transfers, window).flatMap(({ way, tracks }): Measurement[] => {
      const worst = worstSecond(tracks, { from: at.after, to: window.to });
      // A second that begins with the event may begin as early as this.
      const lower = worstSecond(tracks, window)?.lower;
      return worst && lower !== undefined ? [{ ...worst, lower, of: way }] : [];
    });
  },
};

/** The least of all whole seconds of a window; nothing where it holds none. */
function worstSecond(tracks: readonly TransferTrack[], { from, to }: Window): Count | undefined {
  const [first] = tracks;
  if (!first || to - from < SECOND) return undefined;
  const least: Count = {
    value: Number.POSITIVE_INFINITY,
    lower: Number.POSITIVE_INFINITY,
    upper: Number.POSITIVE_INFINITY,
  };
  // Between the ends of a bin any second holds at least what the bins hold that all of these seconds do.
  const starts = [
    from,
    ...first.ends.slice(first.firstAfter(from), first.firstAfter(to - SECOND)),
    to - SECOND,
  ];
  for (const [index, start] of starts.entries()) {
    const { value, upper } = delivered(tracks, { from: start, to: start + SECOND });
    const { lower } = delivered(tracks, { from: start, to: (starts[index - 1] ?? start) + SECOND });
    least.value = Math.min(least.value, bitsASecond(value, SECOND));
    least.upper = Math.min(least.upper, bitsASecond(upper, SECOND));
    least.lower = Math.min(least.lower, bitsASecond(lower, SECOND));
  }
  return least;
}

const bitsASecond = (bytes: number, time: number) => (bytes * 8 * SECOND) / time;
