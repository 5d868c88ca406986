import type { Bracket } from '../linux/clock.js';

/**
 * A measured quantity: nanoseconds, a share or a number, as its metric says. The actual value lies between `lower` and `upper`;
 * `upper` is infinite where the end was not seen.
 */
export interface Measurement {
  value: number;
  lower: number;
  upper: number;
  /** What it was measured on where that is narrower than the subject: `flow 3 back`. */
  of?: string;
  /** Why there is no value: `not observed`, `not recovered`... */
  missing?: string;
}

/** A quantity without error. */
export const exact = (value: number, of?: string): Measurement => ({
  value,
  lower: value,
  upper: value,
  ...(of !== undefined && { of }),
});

/** A quantity that lies anywhere between two bounds; one that has no bound is not known. */
export const between = (lower: number, upper: number): Measurement =>
  Number.isFinite(upper - lower)
    ? { value: (lower + upper) / 2, lower, upper }
    : { value: upper, lower, upper, missing: 'not known' };

/** The time from an event until something that came later, each somewhere in its bracket. */
export function timeSince(event: Bracket, { before, after }: Bracket): Measurement {
  const lower = Math.max(0, before - event.after);
  return between(lower, Math.max(lower, after - event.before));
}

/** A quantity that did not come to its end while it was watched, at least as large as what was seen of it. */
export const atLeast = (lower: number, missing: string): Measurement => ({
  value: Number.POSITIVE_INFINITY,
  lower,
  upper: Number.POSITIVE_INFINITY,
  missing,
});

/** The largest of several: its bounds are the largest bounds. */
export function worst(all: readonly Measurement[]): Measurement {
  const top = [...all].sort((a, b) => b.value - a.value || b.lower - a.lower)[0]!;
  return {
    ...top,
    lower: Math.max(...all.map(({ lower }) => lower)),
    upper: Math.max(...all.map(({ upper }) => upper)),
  };
}

/** The smallest of several. */
export function best(all: readonly Measurement[]): Measurement {
  const low = [...all].sort((a, b) => a.value - b.value || a.upper - b.upper)[0]!;
  return {
    ...low,
    lower: Math.min(...all.map(({ lower }) => lower)),
    upper: Math.min(...all.map(({ upper }) => upper)),
  };
}
