import type { Event } from 'faildrill';

const INSTANTS = ['t', 'before', 'after', 'from', 'until', 'since'];

/** An event as it were so many nanoseconds later; numbers of packets stay as they are. */
export function later(event: Event, by: number): Event {
  const moved: Record<string, unknown> = { ...event };
  for (const key of INSTANTS) if (typeof moved[key] === 'number') moved[key] = moved[key] + by;
  if (Array.isArray(moved.at)) moved.at = (moved.at as number[]).map((instant) => instant + by);
  if (event.k === 'session') moved.at = event.at + by;
  return moved as unknown as Event;
}
