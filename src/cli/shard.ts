import { existsSync, statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import type { LoadedScenario } from '../scenario/load.js';
import { type Durations, durationsOf, readDurations } from '../shards/durations.js';
import { type Manifest, type ShardDrill, writeManifest } from '../shards/manifest.js';
import { planFile, planOf } from '../shards/plan.js';
import { judgedIn } from './recordings.js';
import { version } from './version.js';

/** Which of how many shards. */
export interface ShardOption {
  shard: number;
  of: number;
}

/** Reads `2/4`. */
export function shardOption(text: string): ShardOption {
  const [, shard = 0, of = 0] = (/^([1-9]\d{0,4})\/([1-9]\d{0,4})$/.exec(text) ?? []).map(Number);
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
    const plan = planOf(all, { of, durations: durationsAt(durations) });
    this.scenarios = all.filter((_, index) => plan[index]!.shard === shard);
    this.#folder = folder;
    const run = runOfCi();
    this.#manifest = {
      faildrill: version,
      ...(run !== undefined && { run }),
      ...{ shard, of },
      plan,
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
    this.#manifest.drills.push({ file: planFile(loaded), ...drill });
    writeManifest(this.#folder, this.#manifest);
  }
}

/** Which run of the CI system this is: results of two runs must not be merged. */
const runOfCi = (): string | undefined =>
  process.env.FAILDRILL_RUN || process.env.GITHUB_RUN_ID || process.env.CI_PIPELINE_ID || undefined;

/** What drills took, by a history or the file that a merge leaves. @throws InvalidInput */
export function durationsAt(path: string | undefined): Durations {
  if (path === undefined) return new Map();
  if (!existsSync(path)) {
    console.error(pc.yellow(`${path} is not there: every drill counts the same`));
    return new Map();
  }
  return statSync(path).isDirectory() ? durationsOf(judgedIn(path)) : readDurations(path);
}
