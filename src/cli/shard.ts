import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { isJudged } from '../history/filter.js';
import type { LoadedScenario } from '../scenario/load.js';
import { type Durations, durationsOf, readDurations, weigh } from '../shards/durations.js';
import { type Manifest, type ShardDrill, writeManifest } from '../shards/manifest.js';
import { partition } from '../shards/partition.js';
import { entriesOf } from './recordings.js';
import { version } from './version.js';

/** Which of how many shards. */
export interface ShardOption {
  shard: number;
  of: number;
}

/** Reads `2/4`. */
export function shardOption(text: string): ShardOption {
  const [, shard = 0, of = 0] = (/^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? []).map(Number);
  if (shard === 0 || shard > of)
    throw new InvalidArgumentError('expected which of how many, from 1 on, as 2/4');
  return { shard, of };
}

/** One of the shards that a run was split into: what it has to run, and the record of what it ran. */
export class Shard {
  readonly scenarios: readonly LoadedScenario[];
  readonly #manifest: Omit<Manifest, 'version'>;
  readonly #folder: string;

  /**
   * Splits the drills, and writes down what this shard is asked to run.
   * @param durations a history, or what a merge left in `durations.json`
   * @throws InvalidInput CannotRun
   */
  constructor(
    all: readonly LoadedScenario[],
    { shard, of, durations, folder }: ShardOption & { durations: string | undefined; folder: string },
  ) {
    const weights = weigh(
      all.map(({ scenario }) => scenario),
      durationsAt(durations),
    );
    const drills = all.map((loaded, index) => ({ loaded, file: fileOf(loaded), weight: weights[index]! }));
    const shards = partition(drills, of);
    this.scenarios = shards[shard - 1]!.map(({ loaded }) => loaded);
    this.#folder = folder;
    const run = runOfCi();
    this.#manifest = {
      faildrill: version,
      ...(run !== undefined && { run }),
      ...{ shard, of },
      plan: drills.map((drill) => ({
        file: drill.file,
        name: drill.loaded.scenario.name,
        sha256: createHash('sha256').update(drill.loaded.text).digest('hex'),
        shard: 1 + shards.findIndex((list) => list.includes(drill)),
      })),
      drills: [],
    };
    writeManifest(folder, this.#manifest);
    const names = this.scenarios.map(({ scenario }) => scenario.name);
    console.error(
      `shard ${shard}/${of}: ${names.length === 0 ? 'nothing to run' : `${names.length} of ${all.length} drills: ${names.join(', ')}`}`,
    );
  }

  /** Writes down what became of a drill. */
  ended(loaded: LoadedScenario, drill: Omit<ShardDrill, 'file'>): void {
    this.#manifest.drills.push({ file: fileOf(loaded), ...drill });
    writeManifest(this.#folder, this.#manifest);
  }
}

/** A scenario's file as the other machines name it too. */
const fileOf = ({ file }: LoadedScenario): string => relative(process.cwd(), file).split(sep).join('/');

/** Which run of the CI system this is: results of two runs must not be merged. */
const runOfCi = (): string | undefined =>
  process.env.FAILDRILL_RUN || process.env.GITHUB_RUN_ID || process.env.CI_PIPELINE_ID || undefined;

function durationsAt(path: string | undefined): Durations {
  if (path === undefined) return new Map();
  if (!existsSync(path)) {
    console.error(pc.yellow(`${path} is not there: every drill counts the same`));
    return new Map();
  }
  return statSync(path).isDirectory() ? durationsOf(entriesOf(path).filter(isJudged)) : readDurations(path);
}
