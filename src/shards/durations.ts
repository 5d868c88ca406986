import * as z from 'zod';
import { readDocument } from '../document/document.js';
import type { JudgedEntry } from '../history/entry.js';
import { byTime } from '../history/filter.js';

/** Name of the file in which a merge leaves what each drill took. */
export const DURATIONS = 'durations.json';

/** Drills of a scenario that count, the latest. */
const COUNTED = 5;

const schema = z.strictObject({
  version: z.literal(1),
  /** Seconds a trial, by scenario. */
  trial: z.record(z.string(), z.number().positive()),
});

/** Nanoseconds that a trial of each scenario takes, the lab's deployment with it. */
export type Durations = ReadonlyMap<string, number>;

/** What drills took: the median of each scenario's latest whole ones. */
export function durationsOf(history: readonly JudgedEntry[]): Durations {
  const taken = new Map<string, number[]>();
  for (const { drill } of [...history].sort(byTime)) {
    if (drill.outcome !== 'complete' || drill.trials === 0 || drill.lasted <= 0) continue;
    const known = taken.get(drill.name) ?? [];
    if (known.length < COUNTED) taken.set(drill.name, [...known, drill.lasted / drill.trials]);
  }
  return new Map([...taken].map(([name, all]) => [name, median(all)]));
}

/**
 * What drills weigh: the time that they are expected to take, where nothing is known of one as much as the mean of the others; where nothing is
 * known of any, all the same.
 */
export function weigh(drills: readonly { name: string; trials: number }[], durations: Durations): number[] {
  const expected = drills.map(({ name, trials }) => {
    const trial = durations.get(name);
    return trial === undefined ? undefined : trial * trials;
  });
  const known = expected.filter((time) => time !== undefined);
  const mean = known.reduce((sum, time) => sum + time, 0) / known.length;
  return expected.map((time) => time ?? (known.length > 0 ? mean : 1));
}

/** Reads what a merge left. @throws InvalidInput */
export function readDurations(file: string): Durations {
  const { trial } = readDocument(file).check(schema);
  return new Map(Object.entries(trial).map(([name, seconds]) => [name, seconds * 1e9]));
}

/** As they are after they were written and read again: to the tenth of a second. */
export const rounded = (durations: Durations): Durations =>
  new Map([...durations].map(([name, time]) => [name, seconds(time) * 1e9]));

const seconds = (time: number): number => Math.max(0.1, Number((time / 1e9).toFixed(1)));

/** The same as text: by name, to the tenth of a second, so that a repository sees few changes. */
export function durationsText(durations: Durations): string {
  const sorted = [...durations].sort(([one], [other]) => (one < other ? -1 : 1));
  const trial = Object.fromEntries(sorted.map(([name, time]) => [name, seconds(time)]));
  return `${JSON.stringify({ version: 1, trial }, null, 2)}\n`;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
};
