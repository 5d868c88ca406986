import type { Event } from 'faildrill';
import { later } from './later.js';

/** Parts of a drill's recording. */
interface Parts {
  head: Event[];
  /** What the instruments saw while nothing was done: repeated. */
  quiet: Event[];
  tail: Event[];
}

/** Makes a recording longer by repeating what was seen in its first step, a hold. */
export function stretch(events: readonly Event[], length: number): Event[] {
  const { head, quiet, tail } = partsOf(events);
  const probes = events.find((event) => event.k === 'probes');
  if (probes?.k !== 'probes') throw new Error('the recording has no probes');
  const [packets = 0] = countsOf(quiet);
  const period = packets * Object.values(probes.probes)[0]!.interval;
  const times = Math.max(1, Math.floor(length / period));
  const shifted = (event: Event, by: number) => shift(event, { packets: by * packets, time: by * period });
  const repeated = Array.from({ length: times }, (_, time) => quiet.map((event) => shifted(event, time)));
  return [...head, ...repeated.flat(), ...tail.map((event) => shifted(event, times - 1))];
}

const SEEN = new Set(['packets', 'prober', 'links']);

function partsOf(events: readonly Event[]): Parts {
  const start = events.findIndex(({ k }) => k === 'step');
  const end = events.findIndex(({ k }, index) => index > start && k === 'step');
  // From one word of the prober to another, so that no observation is cut in two, with as many packets of each stream.
  const words = events.flatMap(({ k }, index) =>
    k === 'prober' && index > start && index < end ? [index + 1] : [],
  );
  const [first] = words;
  const quietTo = (last: number) => events.slice(first, last).filter(({ k }) => SEEN.has(k));
  const last = words.findLast((last) => new Set(countsOf(quietTo(last))).size === 1);
  if (first === undefined || last === undefined || last === first)
    throw new Error('the recording has no quiet part');
  return { head: events.slice(0, first), quiet: quietTo(last), tail: events.slice(last) };
}

/** Packets that each stream sent. */
function countsOf(events: readonly Event[]): number[] {
  const counts = new Map<string, number>();
  for (const event of events) {
    if (event.k !== 'packets') continue;
    const stream = `${event.p} ${event.s}`;
    counts.set(stream, (counts.get(stream) ?? 0) + (event.late?.length ?? 0));
  }
  return [...counts.values()];
}

/** An event as it were so much later. */
function shift(event: Event, by: { packets: number; time: number }): Event {
  if (event.k !== 'packets') return later(event, by.time);
  const runs = event.runs?.map(([first, count]): [number, number] => [first + by.packets, count]);
  return { ...event, first: event.first + by.packets, ...(runs && { runs }) };
}
