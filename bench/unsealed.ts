import type { Event } from 'faildrill';

/** The events of a recording for one that is made from it: nobody seals what nobody drilled. */
export const unsealed = (events: Iterable<Event>): Event[] =>
  [...events].flatMap((event): Event[] => {
    if (event.k === 'read') return [];
    if (event.k !== 'recording') return [event];
    const { sealed: _, ...header } = event;
    return [header];
  });
