import type { Instant } from '../linux/clock.js';
import type { DrillData, Standstill, Trial } from './drill-data.js';
import { delaysOf, impairedRuns, type Window } from './runs.js';
import { countBelow } from './sorted.js';
import type { StreamTrack } from './track.js';

/** How much less than its length a standstill may be seen: the thread that tells of it wants to run so often. */
const UNSEEN = 2e6;

/** Where packets of a probe are overtaken that no standstill explains, the network reorders: from so long before to so long after, nanoseconds. */
const REORDERS = 1e9;

/**
 * A processor that stands still keeps the packets that wait for it, while another processor carries on: they come out of order, and the lab
 * would be blamed for it. Only what was held for an interval can be overtaken, and what came later than the processors stood still, twice over
 * as what waited has to be handled as well, was held by the lab.
 */
export function overtaken(data: DrillData, trial: Trial): string[] {
  const threshold = data.scenario['forwarding-delay-threshold'];
  const standstills = data.standstills.filter((period) => overlap(period, trial));
  return [...data.probes.values()].flatMap(({ id, streams, interval }) => {
    const held = standstills.filter(({ from, to }) => to - from + UNSEEN >= interval);
    if (held.length === 0) return [];
    const own: Instant[] = [];
    const explained: Explained[] = [];
    for (const stream of streams) {
      const reordered = reorderedIn(stream, trial, threshold);
      const [quickest = 0] = reordered.length > 0 ? delaysOf(stream, trial) : [];
      for (const number of reordered) {
        const way = { from: stream.sentAt(number), to: stream.receivedAt(number) };
        const by = held.find((period) => overlap(period, way));
        const stood = stoodIn(standstills, way);
        if (by && way.to - way.from - quickest <= 2 * (stood + UNSEEN))
          explained.push({ at: way.from, stood: by.to - by.from });
        else own.push(way.from);
      }
    }
    const caught = lonely(explained, own, REORDERS);
    if (!caught) return [];
    return [
      `a packet of the probe ${id} was overtaken while a processor of this machine stood still for ${milliseconds(caught.stood)}`,
    ];
  });
}

/** How much of what time a processor must stand still for packets that pass meanwhile to be crowded out of queues, nanoseconds. */
const CROWDED = { stood: 50e6, of: 100e6 };

/** Longest run of lost packets that such a crowd explains, nanoseconds. */
const LONGEST = 200e6;

/** Where packets of a probe are lost that no standstill explains, the network loses them: from so long before to so long after, nanoseconds. */
const LOSES = 500e6;

/** A machine that hardly runs lets the lab's queues overflow, long before a process waits so long that `starvation` notices. */
export function crowdedOut(data: DrillData, trial: Trial): string[] {
  const threshold = data.scenario['forwarding-delay-threshold'];
  const standstills = data.standstills.filter((period) => overlap(period, trial));
  if (standstills.length === 0) return [];
  return [...data.probes.values()].flatMap(({ id, streams }) => {
    const own: Instant[] = [];
    const explained: Explained[] = [];
    for (const stream of streams) {
      for (const { first, last } of impairedRuns(stream, trial, threshold, 'loss')) {
        const run = { from: stream.sentAt(first), to: stream.sentAt(last) };
        const stood = run.to - run.from > LONGEST ? 0 : stoodStill(standstills, run);
        if (stood >= CROWDED.stood) explained.push({ at: run.from, stood });
        else own.push(run.from, run.to);
      }
    }
    const caught = lonely(explained, own, LOSES);
    if (!caught) return [];
    return [
      `packets of the probe ${id} were lost while a processor of this machine stood still for ${milliseconds(caught.stood)} of ${milliseconds(CROWDED.of)}`,
    ];
  });
}

/** How long a processor stood still at most in any time of that length with a part in a window, or right behind it. */
function stoodStill(standstills: readonly Standstill[], { from, to }: Window): number {
  const near = standstills.filter((one) => overlap(one, { from: from - CROWDED.of, to: to + CROWDED.of }));
  const ends = near.filter((one) => one.to > from && one.to <= to + CROWDED.of);
  return Math.max(
    0,
    ...ends.map(({ processor, to: end }) =>
      stoodIn(
        near.filter((one) => one.processor === processor),
        { from: end - CROWDED.of, to: end },
      ),
    ),
  );
}

/** What a standstill explains, by when it happened and how long a processor stood still. */
interface Explained {
  at: Instant;
  stood: number;
}

/** The first that a standstill explains and that has none of the network's own near it. */
function lonely(
  explained: readonly Explained[],
  own: readonly Instant[],
  near: number,
): Explained | undefined {
  const sorted = [...own].sort((a, b) => a - b);
  return explained.find(({ at }) => countBelow(sorted, at + near) === countBelow(sorted, at - near));
}

function reorderedIn(stream: StreamTrack, { from, to }: Window, threshold: number): number[] {
  const reordered: number[] = [];
  for (let number = stream.firstFrom(from); number < stream.firstFrom(to); number++)
    if (stream.fate(number, threshold) === 'reordered') reordered.push(number);
  return reordered;
}

const overlap = (one: Window, other: Window) => one.from < other.to && one.to > other.from;

/** Time of a window that standstills cover, all together, nanoseconds. */
const stoodIn = (standstills: readonly Standstill[], window: Window) =>
  standstills.reduce((sum, one) => sum + shared(one, window), 0);

/** Time that two windows share, nanoseconds. */
const shared = (one: Window, other: Window) =>
  Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from));

const milliseconds = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(1)} ms`;
