import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import type { LoadedScenario } from '../scenario/load.js';
import { type Durations, weigh } from './durations.js';
import type { Manifest } from './manifest.js';
import { partition } from './partition.js';

/** A scenario's file as other machines name it too: from the folder that the command is given in. */
export const planFile = ({ file }: LoadedScenario, folder = process.cwd()): string =>
  relative(folder, file).split(sep).join('/');

/**
 * Which shard runs which drill.
 * @param of how many shards there are
 * @returns one entry a drill, in the order of what was given
 */
export function planOf(
  all: readonly LoadedScenario[],
  { of, durations }: { of: number; durations: Durations },
): Manifest['plan'] {
  const weights = weigh(
    all.map(({ scenario }) => scenario),
    durations,
  );
  const drills = all.map((loaded, index) => ({ loaded, file: planFile(loaded), weight: weights[index]! }));
  const shards = partition(drills, of);
  return drills.map((drill) => ({
    file: drill.file,
    name: drill.loaded.scenario.name,
    sha256: createHash('sha256').update(drill.loaded.text).digest('hex'),
    shard: 1 + shards.findIndex((list) => list.includes(drill)),
  }));
}
