import type { Problem } from '../document/problem.js';
import type { Manifest } from './manifest.js';

/** What a shard left, and where. */
export interface ShardResult {
  file: string;
  manifest: Manifest;
}

/** The shard as people name it: `2/4`. */
export const shardName = ({ shard, of }: Pick<Manifest, 'shard' | 'of'>): string => `${shard}/${of}`;

/**
 * Why results of shards cannot be merged: they are not parts of one run. That some are missing is none of it.
 * @returns nothing where they can
 */
export function disagreements(shards: readonly ShardResult[]): Problem[] {
  const [first, ...others] = shards;
  if (!first) return [];
  return [
    ...others.flatMap((other) => {
      const why = differ(first.manifest, other.manifest);
      return why === undefined ? [] : [problem(other, `${why}, unlike ${first.file}`)];
    }),
    ...twice(shards),
    ...shards.flatMap(foreign),
  ];
}

const problem = ({ file }: ShardResult, message: string): Problem => ({ file, line: 1, column: 1, message });

/** Why two shards are not of one run. */
function differ(one: Manifest, other: Manifest): string | undefined {
  if (one.faildrill !== other.faildrill) return `run by faildrill ${other.faildrill}, not ${one.faildrill}`;
  if (one.run !== other.run) return `of run ${other.run ?? 'unknown'}, not ${one.run ?? 'unknown'}`;
  if (one.of !== other.of) return `one of ${other.of} shards, not of ${one.of}`;
  if (one.plan === other.plan) return undefined;
  const planned = new Map(one.plan.map((drill) => [drill.file, drill]));
  const changed = other.plan.find(({ file, sha256 }) => {
    const known = planned.get(file);
    return known !== undefined && known.sha256 !== sha256;
  });
  if (changed) return `${changed.file} is another text`;
  const files = new Set(other.plan.map(({ file }) => file));
  const lacking = one.plan.find(({ file }) => !files.has(file));
  if (lacking) return `${lacking.file} is in no shard`;
  const added = other.plan.find(({ file }) => !planned.has(file));
  if (added) return `${added.file} is in a shard`;
  const moved = other.plan.find(({ file, shard }) => planned.get(file)!.shard !== shard);
  if (moved)
    return `${moved.file} is in shard ${moved.shard}/${other.of}, not in ${planned.get(moved.file)!.shard}/${one.of}: give every shard the same --durations`;
  return undefined;
}

function twice(shards: readonly ShardResult[]): Problem[] {
  const seen = new Map<number, ShardResult>();
  return shards.flatMap((shard) => {
    const before = seen.get(shard.manifest.shard);
    seen.set(shard.manifest.shard, before ?? shard);
    return before
      ? [problem(shard, `shard ${shardName(shard.manifest)} is there twice: also ${before.file}`)]
      : [];
  });
}

/** What no shard writes: the file was changed, or is not one of ours. */
function foreign(result: ShardResult): Problem[] {
  const { shard, of, plan, drills } = result.manifest;
  const own = new Set(plan.filter((drill) => drill.shard === shard).map(({ file }) => file));
  const stray = drills.find(({ file }) => !own.has(file));
  const repeated = drills.find(({ file }, index) => drills.findIndex((one) => one.file === file) !== index);
  const beyond = shard > of || plan.some((drill) => drill.shard > of);
  return [
    ...(beyond ? [problem(result, `a shard beyond the last of ${of}`)] : []),
    ...(stray
      ? [problem(result, `${stray.file} is not a drill of shard ${shardName(result.manifest)}`)]
      : []),
    ...(repeated ? [problem(result, `${repeated.file} stands here twice`)] : []),
  ];
}
