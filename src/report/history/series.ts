import { judgedBy } from '../../analysis/judge.js';
import { quantityName } from '../../analysis/quantity.js';
import type { JudgedEntry, TargetSummary } from '../../history/entry.js';
import { aggregateIn } from '../../scenario/target.js';

/** A scenario's drills and what became of each of its targets, the oldest first. */
export interface Trend {
  name: string;
  /** As the latest drill says. */
  title: string;
  drills: JudgedEntry[];
  targets: Series[];
}

/** One quantity and aggregate over the drills; a drill that had no such target is left out. */
export interface Series {
  /** As a target names it, without the limit: `recovery_time(app) max`. */
  name: string;
  points: Point[];
}

export interface Point {
  /** Place of the drill in the trend's list. */
  index: number;
  entry: JudgedEntry;
  target: TargetSummary;
}

/** The trends of all scenarios, by name. @param drills the latest first */
export function trendsOf(drills: readonly JudgedEntry[]): Trend[] {
  const byName = new Map<string, JudgedEntry[]>();
  for (const entry of [...drills].reverse())
    byName.set(entry.drill.name, [...(byName.get(entry.drill.name) ?? []), entry]);
  return [...byName]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, list]) => ({
      name,
      title: list.at(-1)!.drill.title,
      drills: list,
      targets: seriesOf(list),
    }));
}

function seriesOf(drills: readonly JudgedEntry[]): Series[] {
  const all = new Map<string, Point[]>();
  // The latest drill says in which order.
  for (const [index, entry] of [...drills.entries()].reverse())
    for (const target of entry.drill.targets) {
      // A target that nothing was measured of has no aggregate; its words name it.
      const { text, comparison } = target;
      const by = judgedBy({ aggregate: aggregateIn(text), comparison });
      const name = `${quantityName(target)} ${by}`;
      const points = all.get(name) ?? [];
      if (points[0]?.index !== index) points.unshift({ index, entry, target });
      all.set(name, points);
    }
  return [...all].map(([name, points]) => ({ name, points }));
}

/** What is not the same as in the drill before: `kernel: 6.1 → 6.5`. */
export function changesOf(before: JudgedEntry | undefined, { drill }: JudgedEntry): string[] {
  if (!before) return [];
  const [one, other] = [before.drill.facts, drill.facts];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((what) => one[what] !== other[what])
    .map((what) => `${what}: ${one[what] ?? 'none'} → ${other[what] ?? 'none'}`);
}
