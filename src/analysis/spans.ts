import type { Bracket, Instant } from '../linux/clock.js';
import type { Signal } from '../watches/watch.js';
import type { Measurement } from './measurement.js';
import type { Window } from './runs.js';

/** Instant of a signal: where in its bracket it may have been. */
type At = (bracket: Bracket) => Instant;
const [early, middle, late]: [At, At, At] = [
  ({ before }) => before,
  ({ before, after }) => (before + after) / 2,
  ({ after }) => after,
];

/** What counts as active: what was seen, or also what nobody knows. */
type Holds = (signal: Signal) => boolean;
const seen: Holds = ({ active }) => active;
const possible: Holds = ({ active, unknown = false }) => active || unknown;

/** The times in which a watch was active, up to an instant. */
function spansOf(
  signals: readonly Signal[],
  { holds, on, off, to }: { holds: Holds; on: At; off: At; to: Instant },
): Window[] {
  const spans: Window[] = [];
  let since: Instant | undefined;
  for (const signal of signals) {
    if (holds(signal)) since ??= on(signal);
    else if (since !== undefined) {
      spans.push({ from: since, to: off(signal) });
      since = undefined;
    }
  }
  return since === undefined ? spans : [...spans, { from: since, to }];
}

/** The times in which a watch was active, and those in which it did not know; each signal in the middle of its bracket. */
export function statesOf(
  signals: readonly Signal[],
  window: Window,
): { active: Window[]; unknown: (Window & { why: string })[] } {
  const within = <W extends Window>(spans: W[]): W[] =>
    spans
      .map((span) => ({ ...span, from: Math.max(span.from, window.from), to: Math.min(span.to, window.to) }))
      .filter(({ from, to }) => to > from);
  const unknown = signals.flatMap((signal, index) =>
    signal.unknown
      ? [{ from: middle(signal), to: middle(signals[index + 1] ?? at(window.to)), why: signal.detail }]
      : [],
  );
  const active = spansOf(signals, { holds: seen, on: middle, off: middle, to: window.to });
  return { active: within(active), unknown: within(unknown) };
}

const at = (instant: Instant) => ({ before: instant, after: instant });

/** The times that are in one of some spans and in one of others. */
const common = (a: readonly Window[], b: readonly Window[]): Window[] =>
  a
    .flatMap((one) =>
      b.map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) })),
    )
    .filter(({ from, to }) => to > from);

/**
 * How long all of some watches were active at once in a window; while one did not know, it may have been.
 * @param watches the signals of each
 */
export function activeTime(watches: readonly (readonly Signal[])[], window: Window): Measurement {
  const of = (holds: Holds, on: At, off: At) =>
    watches
      .map((signals) => spansOf(signals, { holds, on, off, to: window.to }))
      .reduce(common, [window])
      .reduce((sum, { from, to }) => sum + to - from, 0);
  return {
    value: of(seen, middle, middle),
    lower: of(seen, late, early),
    upper: of(possible, early, late),
  };
}
