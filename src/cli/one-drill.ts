import { basename, resolve } from 'node:path';
import { Decider } from '../analysis/decider.js';
import type { DrillResult } from '../analysis/result.js';
import { runDrill } from '../drill/run-drill.js';
import type { EngineName } from '../netem/registry.js';
import { attachedRuntime, type RuntimeName, runtimeFor } from '../runtime/registry.js';
import type { Runtime } from '../runtime/runtime.js';
import type { LoadedScenario } from '../scenario/load.js';
import { exitCodeOf, mostSerious, reportError } from './exit.js';
import { passGate } from './gate.js';
import { judge } from './judge.js';
import { type DeliveryOptions, notifyingNobody, type Outlets } from './notify.js';
import type { People, PeopleOptions } from './people.js';
import { Progress } from './progress.js';
import type { SelectionOptions } from './selection.js';
import type { ShardOption } from './shard.js';

export interface RunOptions extends SelectionOptions, DeliveryOptions, PeopleOptions {
  out: string;
  netem?: EngineName;
  runtime?: RuntimeName;
  attach?: boolean;
  baseline?: string;
  tolerance?: number;
  shard?: ShardOption;
  durations?: string;
  /** Most drills at once. */
  jobs?: number;
}

/** What brings a scenario's lab up. */
export const runtimeOf = (
  { scenario, topology }: LoadedScenario,
  { runtime, attach }: Pick<RunOptions, 'runtime' | 'attach'>,
): Runtime => (attach ? attachedRuntime : runtimeFor(topology, runtime ?? scenario.runtime));

/** What a drill came to. */
export interface Ran {
  /** The exit code that verdict and baseline mean. */
  code: number;
  /** Name of the drill's folder; nothing where it could not be run. */
  folder?: string;
  /** Why it could not be run. */
  problem?: string;
}

/** The command that was given, without what is secret. */
export const ownCommand = (): string[] => ['faildrill', ...notifyingNobody(process.argv.slice(2))];

/** Prints why a drill could not be run. */
export const notRun = (error: unknown): Ran => ({
  code: reportError(error),
  problem: (error as Error).message,
});

/** What of the options one drill takes. */
export type DrillOptions = Pick<RunOptions, 'out' | 'netem' | 'runtime' | 'attach' | 'tolerance'> & {
  outlets: Outlets;
};

/** Runs a drill, judges it, and holds it against its baseline where it has one. */
export async function runOne(
  {
    scenario,
    baseline,
    stop,
    people,
    command = ownCommand(),
    isToBeTold = async () => true,
  }: {
    scenario: LoadedScenario;
    baseline?: DrillResult | undefined;
    stop: AbortSignal;
    people: People;
    /** What reproduces it. */
    command?: string[];
    /** Asked once it is judged: whether others are to be told. */
    isToBeTold?: (ran: Ran, result: DrillResult) => Promise<boolean>;
  },
  runOptions: DrillOptions,
): Promise<Ran> {
  const { out, netem, tolerance, outlets } = runOptions;
  using screen = people.screenFor(scenario.scenario);
  const progress = new Progress(screen);
  const decider = new Decider();
  const options = {
    scenario,
    runtime: runtimeOf(scenario, runOptions),
    reports: resolve(out),
    signal: stop,
    command,
    netem,
  };
  const { folder, recording } = await runDrill({
    ...options,
    ...people.partIn,
    isDecided: (data) => decider.isDecided(data),
    notice: (event) => {
      progress.notice(event);
      people.notice(event);
    },
  }).finally(() => progress.end());
  screen[Symbol.dispose]();
  const codes: number[] = [];
  await judge(recording, {
    folder,
    file: scenario.file,
    outlets,
    isToBeTold: async (result) => {
      people.judged(result);
      codes.push(exitCodeOf(result));
      if (baseline) codes.push(passGate({ baseline, change: result, tolerance, folder }));
      return isToBeTold({ code: mostSerious(codes), folder: basename(folder) }, result);
    },
  });
  return { code: mostSerious(codes), folder: basename(folder) };
}
