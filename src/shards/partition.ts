/** Something to be run, with what it is expected to take, in any unit. */
export interface Weighed {
  /** Names it, and settles what weighs the same. */
  file: string;
  weight: number;
}

/**
 * Splits drills into shards: the longest first, each to the shard that has least to do (Graham, "Bounds on multiprocessing timing anomalies", 1969,
 * LPT). So no two shards differ by more than the longest drill. The order of what is given does not matter: every machine comes to the same.
 * @returns so many lists, some of them empty where there are fewer drills; each in the order of what was given
 */
export function partition<T extends Weighed>(drills: readonly T[], shards: number): T[][] {
  const byWeight = [...drills].sort((a, b) => b.weight - a.weight || compareText(a.file, b.file));
  const loads = Array.from({ length: shards }, () => 0);
  const shardOf = new Map<T, number>();
  for (const drill of byWeight) {
    const least = loads.indexOf(Math.min(...loads));
    shardOf.set(drill, least);
    loads[least]! += drill.weight;
  }
  return loads.map((_, shard) => drills.filter((drill) => shardOf.get(drill) === shard));
}

// Not by locale: machines differ in that.
const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
