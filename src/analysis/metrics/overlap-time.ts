import type { Instant } from '../../linux/clock.js';
import type { Signal } from '../../watches/watch.js';
import type { Measurement } from '../measurement.js';
import type { Window } from '../runs.js';
import { type Metric, type Question, windowOf } from './metric.js';

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

/** How long one of some spans and one of others lasted at once in a window. */
const shared = (a: readonly Window[], b: readonly Window[], window: Window): number =>
  a
    .flatMap((one) =>
      b.map((other) => Math.min(one.to, other.to, window.to) - Math.max(one.from, other.from, window.from)),
    )
    .reduce((sum, length) => sum + Math.max(0, length), 0);

export const overlapTime: Metric = {
  name: 'overlap_time',
  description:
    'time in which both watches were active: of two `address` watches, that two nodes held one address at once (split brain)',
  source: 'RFC 5798, more than one active router',
  subject: 'two watches',
  unit: 'duration',
  from: 'trial',
  bySampling: false,
  needsState: true,
  measure(question: Question): Measurement[] {
    const { data, subjects } = question;
    const window = windowOf(question);
    if (!window) return [];
    const of = (on: At, off: At) => {
      const [a = [], b = []] = subjects.map((watch) =>
        spansOf(data.signals.get(watch) ?? [], { on, off, to: window.to }),
      );
      return shared(a, b, window);
    };
    return [{ value: of(middle, middle), lower: of(late, early), upper: of(early, late) }];
  },
};
