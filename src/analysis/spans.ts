import type { Instant } from '../linux/clock.js';
import type { Signal } from '../watches/watch.js';
import type { Measurement } from './measurement.js';
import type { Window } from './runs.js';

/** Instant of a signal: where in its bracket it may have been. */
type At = (signal: Signal) => Instant;
const [early, middle, late]: [At, At, At] = [
  ({ before }) => before,
  ({ before, after }) => (before + after) / 2,
  ({ after }) => after,
];

/** The times in which a watch was active, up to an instant. */
function spansOf(signals: readonly Signal[], { on, off, to }: { on: At; off: At; to: Instant }): Window[] {
  const spans: Window[] = [];
  let since: Instant | undefined;
  for (const signal of signals) {
    if (signal.active) since ??= on(signal);
    else if (since !== undefined) {
      spans.push({ from: since, to: off(signal) });
      since = undefined;
    }
  }
  return since === undefined ? spans : [...spans, { from: since, to }];
}

/** The times that are in one of some spans and in one of others. */
const common = (a: readonly Window[], b: readonly Window[]): Window[] =>
  a
    .flatMap((one) =>
      b.map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) })),
    )
    .filter(({ from, to }) => to > from);

/**
 * How long all of some watches were active at once in a window.
 * @param watches the signals of each
 */
export function activeTime(watches: readonly (readonly Signal[])[], window: Window): Measurement {
  const of = (on: At, off: At) =>
    watches
      .map((signals) => spansOf(signals, { on, off, to: window.to }))
      .reduce(common, [window])
      .reduce((sum, { from, to }) => sum + to - from, 0);
  return { value: of(middle, middle), lower: of(late, early), upper: of(early, late) };
}
