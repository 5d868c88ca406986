import { closeSync, openSync, writeSync } from 'node:fs';
import type { Event } from 'faildrill';
import { later } from './later.js';
import { unsealed } from './unsealed.js';

/** What all probes' intervals divide, nanoseconds. */
const GRID = 20e6;
/** How much of a stream a line holds, nanoseconds. */
const PIECE = 200e6;

type Packets = Extract<Event, { k: 'packets' }>;
type Probes = Extract<Event, { k: 'probes' }>['probes'];

/** One trial of a real recording, with the time up to the next, and what came before all trials. */
interface Cycle {
  head: Event[];
  from: number;
  period: number;
  events: Exclude<Event, Packets>[];
  streams: Stream[];
}

/** Packets of a stream in the cycle. */
interface Stream {
  p: string;
  s: number;
  /** Number of the first, and how many are in a cycle. */
  first: number;
  count: number;
  interval: number;
  /** Whole microseconds, as in the recording. */
  late: number[];
  /** By piece: numbers in the order in which they came, as runs, and when. */
  arrivals: { runs: [first: number, length: number][]; after: number[] }[];
}

/**
 * Writes a recording that repeats a trial of another until it has so many bytes, as the drill would have: nothing is held but one trial. Intervals of
 * probes must divide 20 ms.
 * @param trial number of the trial that is repeated; another one has to follow it
 * @returns the number of trials
 */
export function repeatTrial(
  events: readonly Event[],
  options: { trial: number; bytes: number; to: string },
): number {
  const { trial, bytes, to } = options;
  const cycle = cycleOf(unsealed(events), trial);
  const file = openSync(to, 'w');
  const write = (all: readonly Event[]) => {
    writeSync(file, all.map((event) => `${JSON.stringify(event)}\n`).join(''));
  };
  const most = Math.max(1, Math.floor(bytes / sizeOf(cycle)));
  write(cycle.head.map((event) => withTrials(event, most)));
  let number = 0;
  while (number < most) write(turn(cycle, number++));
  const t = cycle.from + number * cycle.period;
  write([{ k: 'end', t, outcome: 'complete' }]);
  closeSync(file);
  return number;
}

const sizeOf = (cycle: Cycle): number =>
  turn(cycle, 1).reduce((sum, event) => sum + JSON.stringify(event).length + 1, 0);

const withTrials = (event: Event, trials: number): Event =>
  event.k === 'scenario' ? { ...event, scenario: { ...event.scenario, trials } } : event;

function cycleOf(events: readonly Event[], trial: number): Cycle {
  const starts = events.flatMap((event, index) => (event.k === 'trial' ? [{ event, index }] : []));
  const at = starts.findLastIndex(({ event }) => event.trial === trial);
  const [start, next] = [starts[at], starts[at + 1]];
  const probes = events.find((event) => event.k === 'probes');
  if (!start || !next || !probes) throw new Error(`there is no trial ${trial} with another one after it`);
  const from = start.event.t;
  const period = Math.ceil((next.event.t - from) / GRID) * GRID;
  const inside = events.slice(start.index, next.index).filter((event) => event.k !== 'packets');
  const before = events.slice(0, starts[0]!.index).filter(({ k }) => k !== 'packets' && k !== 'prober');
  return {
    head: before,
    from,
    period,
    events: inside,
    streams: streamsOf(events, probes.probes, from, period),
  };
}

function streamsOf(events: readonly Event[], probes: Probes, from: number, period: number): Stream[] {
  const streams = new Map<string, Stream>();
  for (const [p, { interval, streams: all }] of Object.entries(probes)) {
    for (const [s, { start }] of all.entries()) {
      const first = Math.ceil((from - start) / interval);
      const count = Math.round(period / interval);
      streams.set(`${p} ${s}`, {
        p,
        s,
        first,
        count,
        interval,
        late: Array<number>(count).fill(0),
        arrivals: [],
      });
    }
  }
  for (const event of events) {
    if (event.k !== 'packets') continue;
    const stream = streams.get(`${event.p} ${event.s}`)!;
    const isInside = (number: number) => number >= stream.first && number < stream.first + stream.count;
    for (const [index, late] of (event.late ?? []).entries())
      if (isInside(event.first + index)) stream.late[event.first + index - stream.first] = late;
    let index = 0;
    for (const [first, length] of event.runs ?? [])
      for (let number = first; number < first + length; number++, index++)
        if (isInside(number)) arrive(stream, number - stream.first, event.after![index]!);
  }
  return [...streams.values()];
}

function arrive({ interval, arrivals }: Stream, number: number, after: number): void {
  const piece = Math.floor((number * interval) / PIECE);
  arrivals[piece] ??= { runs: [], after: [] };
  const { runs, after: all } = arrivals[piece];
  const last = runs.at(-1);
  if (last && number === last[0] + last[1]) last[1]++;
  else runs.push([number, 1]);
  all.push(after);
}

/** The cycle as it would be so many times later: packets are handed over as they come. */
function turn(cycle: Cycle, time: number): Event[] {
  const { from, period, events, streams } = cycle;
  const by = time * period;
  let done = 0;
  const pieces = (until: number): Event[] => {
    const all: Event[] = [];
    for (; done * PIECE < period && (done + 1) * PIECE <= until - from; done++)
      all.push(...streams.map((stream) => pieceOf(stream, done, time)));
    return all;
  };
  const out = events.flatMap((event) => [...pieces(instantOf(event)), again(event, by, time)]);
  return [...out, ...pieces(from + period + PIECE)];
}

function pieceOf(stream: Stream, piece: number, time: number): Event {
  const { p, s, count, interval, late, arrivals } = stream;
  const each = PIECE / interval;
  const [start, end] = [Math.ceil(piece * each), Math.min(count, Math.ceil((piece + 1) * each))];
  const base = stream.first + time * count;
  const arrived = arrivals[piece];
  const runs = arrived?.runs.map(([first, length]): [number, number] => [base + first, length]);
  return {
    k: 'packets',
    p,
    s,
    first: base + start,
    late: late.slice(start, end),
    ...(arrived && runs && { runs, after: arrived.after }),
  };
}

const instantOf = (event: Event): number =>
  't' in event ? event.t : 'after' in event && typeof event.after === 'number' ? event.after : 0;

/** An event as it were so much later, in a trial of its own. */
const again = (event: Event, by: number, time: number): Event => ({
  ...later(event, by),
  ...(event.k === 'trial' && { trial: time + 1, attempt: 1 }),
});
