import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInput, type Problem, unreadable } from '../document/problem.js';
import { isFolder } from '../folders.js';
import type { ShardResult } from './agreement.js';
import { MANIFEST, type Manifest, readManifest } from './manifest.js';

/**
 * What shards left in folders, or in the folders in these, as CI systems unpack artefacts.
 * @throws InvalidInput where there is none, and for what cannot be read; all mistakes at once
 */
export function findShards(paths: readonly string[]): ShardResult[] {
  const files = [...new Set(paths.flatMap(manifestsBelow))];
  if (files.length === 0) {
    const message = 'no shard left a result here (shard-1-of-4.json, in the folder or in one in it)';
    throw new InvalidInput([{ file: paths.join(', '), line: 1, column: 1, message }]);
  }
  const problems: Problem[] = [];
  const plans = new Map<string, Manifest['plan']>();
  const shards = files.flatMap((file): ShardResult[] => {
    try {
      const manifest = readManifest(file);
      return [{ file, manifest: { ...manifest, plan: sharedPlan(plans, manifest) } }];
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new InvalidInput(problems);
  return shards.sort((one, other) => one.manifest.shard - other.manifest.shard);
}

/** Each shard has the plan of all, so that of a thousand shards is kept once where it is the same. */
function sharedPlan(known: Map<string, Manifest['plan']>, { plan }: Manifest): Manifest['plan'] {
  const key = digestOf(plan);
  const same = known.get(key) ?? plan;
  known.set(key, same);
  return same;
}

const digestOf = (plan: Manifest['plan']): string =>
  createHash('sha256').update(JSON.stringify(plan)).digest('hex');

function manifestsBelow(folder: string): string[] {
  const here = entriesOf(folder);
  const inner = here.filter((name) => isFolder(join(folder, name)));
  return [
    ...manifestsIn(folder, here),
    ...inner.flatMap((name) => manifestsIn(join(folder, name), entriesOf(join(folder, name)))),
  ];
}

const manifestsIn = (folder: string, names: readonly string[]): string[] =>
  names.filter((name) => MANIFEST.test(name)).map((name) => join(folder, name));

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw unreadable(folder, error);
  }
}
