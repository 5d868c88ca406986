import type { Bracket, Instant } from '../linux/clock.js';
import type { Signal } from '../watches/watch.js';
import type { Window } from './runs.js';

/** A bracket in which a watch became active, or may have. */
export interface Activation extends Bracket {
  /** Whether it did. */
  sure: boolean;
  /** Whether it may have done so more than once: the watch did not know. */
  repeatedly: boolean;
}

/**
 * When a watch became active after an event, or may have. Of the time in which it did not know, its next word tells only what came of it.
 * @param signals of one watch, in order
 * @param at when the event was
 * @param window the time after the event
 */
export function activations(
  signals: readonly Signal[],
  { at, window }: { at: Bracket; window: Window },
): Activation[] {
  const found: Activation[] = [];
  const add = (activation: Activation) => {
    if (activation.after >= at.before && activation.before <= window.to) found.push(activation);
  };
  /** Where the watch does not know: since when, and whether it was inactive up to then, and still at the event. */
  let gap: { before: Instant; wasInactive: boolean } | undefined;
  let wasActive = false;
  for (const { before, after, active, unknown } of signals) {
    if (unknown) gap ??= { before, wasInactive: !wasActive && after >= at.before };
    else if (gap) {
      add({
        before: gap.before,
        after,
        sure: active && gap.wasInactive && after <= window.to,
        repeatedly: true,
      });
      gap = undefined;
    } else if (active) add({ before, after, sure: true, repeatedly: false });
    if (!unknown) wasActive = active;
  }
  if (gap) add({ before: gap.before, after: Number.POSITIVE_INFINITY, sure: false, repeatedly: true });
  return found;
}
