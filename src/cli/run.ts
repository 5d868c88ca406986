import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { GATE_TRIALS, lackingTrials } from '../analysis/comparison/gate.js';
import { Decider } from '../analysis/decider.js';
import type { DrillResult } from '../analysis/result.js';
import { inWords } from '../document/issues.js';
import { InvalidInput } from '../document/problem.js';
import { runDrill } from '../drill/run-drill.js';
import { type EngineName, engines } from '../netem/registry.js';
import {
  attachedRuntime,
  type RuntimeName,
  runtimeFor,
  runtimes,
  whyContainers,
} from '../runtime/registry.js';
import type { Runtime } from '../runtime/runtime.js';
import { whyUndecidable } from '../scenario/check-target.js';
import { type LoadedScenario, loadScenario } from '../scenario/load.js';
import { scenarioSchema, UNTIL_DECIDED } from '../scenario/schema.js';
import { baselineFor } from './baseline.js';
import { EXIT, exitCodeOf, mostSerious, reportError, reportWarnings } from './exit.js';
import { passGate } from './gate.js';
import { judge } from './judge.js';
import { addDelivery, type DeliveryOptions, notifyingNobody, type Outlets, outletsOf } from './notify.js';
import { collect, collectVariable, percentage } from './options.js';
import { addPeople, checkPeople, People, type PeopleOptions } from './people.js';
import { Progress } from './progress.js';
import { STORE } from './recordings.js';
import { findScenarios, withTags } from './scenarios.js';
import { Shard, type ShardOption, shardOption } from './shard.js';
import { checkAlone, type JobsOption, jobsOption, sideBySide } from './side-by-side.js';

export interface RunOptions extends DeliveryOptions, PeopleOptions {
  trials?: number;
  seed?: number;
  untilDecided?: boolean;
  mostTrials?: number;
  set: Record<string, string>;
  tag: string[];
  out: string;
  netem?: EngineName;
  runtime?: RuntimeName;
  attach?: boolean;
  baseline?: string;
  tolerance?: number;
  shard?: ShardOption;
  durations?: string;
  jobs?: JobsOption;
}

/** `faildrill run`: drills, judges, reports. */
export function addRun(program: Command): void {
  const run = program
    .command('run')
    .argument('<scenario...>', 'scenario files (*.drill.yml), or folders of them')
    .option('--tag <tag>', 'only scenarios with this tag; given several times, with any of them', collect, [])
    .option(
      '--trials <n>',
      'number of trials, instead of what the scenario says (with --baseline at least 20)',
      numberFor('trials'),
    )
    .option('--until-decided', 'after these trials go on until every target is decided with 95 % confidence')
    .option('--most-trials <n>', 'the same, but end undecided at so many instead of 100', numberFor('trials'))
    .option(
      '--seed <n>',
      'seed of all that is drawn at random, instead of what the scenario says',
      numberFor('seed'),
    )
    .option('--set <name=value>', 'give a variable of the topology file a value', collectVariable, {})
    .addOption(
      new Option('--netem <engine>', 'what impairs packets, instead of the first that can').choices(
        Object.keys(engines),
      ),
    )
    .addOption(
      new Option('--runtime <runtime>', 'what brings the lab up, instead of what the scenario says').choices(
        Object.keys(runtimes),
      ),
    )
    .option('--attach', 'drill the lab of that name that containerlab has up already, and leave it as it was')
    .option(
      '--baseline <drill>',
      'regression gate: exit code 1 where a target became worse than in this drill (a name in the history, a recording, a result.json, or a folder of drills)',
    )
    .option(
      '--tolerance <share>',
      "with --baseline: difference that counts as none, as a share of the baseline's median, instead of 10%",
      percentage,
    )
    .option(
      '--shard <i/n>',
      'of all drills only those of this shard, so that n machines share them; faildrill merge puts what they leave together',
      shardOption,
    )
    .option(
      '--durations <path>',
      'with --shard: balance the shards by what drills took, as a history says, or the durations.json of a merge; the same for every shard',
    )
    .option(
      '--jobs <n>',
      'run drills side by side, at most so many (or auto), as the processors allow; what did not pass beside others is repeated alone',
      jobsOption,
    )
    .option('--out <folder>', 'folder that each drill makes its own folder in', STORE)
    .description('run drills and judge them');
  addPeople(run);
  addDelivery(run).action(async (paths: string[], options: RunOptions) => {
    // Everything is read and checked before anything is run: a mistake in the last file must not cost the time of the others.
    const outlets = outletsOf(options);
    if (options.tolerance !== undefined && options.baseline === undefined)
      run.error('error: --tolerance is that of a comparison: it needs --baseline');
    if (options.attach && options.runtime === 'namespace')
      run.error('error: --attach is for labs of the runtime containerlab');
    if (options.durations !== undefined && options.shard === undefined)
      run.error('error: --durations is for splitting drills: it needs --shard');
    const loaded = findScenarios(paths).map((file) => loadScenario(file, { variables: options.set }));
    const all = withTags(loaded, { tags: options.tag, paths }).map((one) => adjusted(one, options));
    const shard =
      options.shard &&
      new Shard(all, { ...options.shard, durations: options.durations, folder: options.out });
    const scenarios = shard?.scenarios ?? all;
    const baselines = new Map(scenarios.map((one) => [one, baselineOf(one, options)]));
    checkPeople(scenarios, options);
    if (options.jobs !== undefined) checkAlone(scenarios, options);
    for (const one of scenarios) {
      runtimeOf(one, options).check(one.topology);
      sayWhyContainers(one, options);
      reportWarnings(one.warnings);
    }
    const stopping = stopOnSignals();
    const stop = stopping.signal;
    const drills = scenarios.map((scenario) => ({ scenario, baseline: baselines.get(scenario) }));
    const notice = (scenario: LoadedScenario, ran: Ran) => shard?.ended(scenario, ran);
    const { jobs } = options;
    const codes =
      jobs === undefined
        ? await oneByOne(drills, { options, outlets, stopping, notice })
        : await sideBySide(drills, { jobs, options, command: ownCommand(), stop, notice });
    process.exitCode = stop.aborted ? EXIT.interrupted : mostSerious(codes);
  });
}

/** Runs drills one after the other; one that cannot be run does not keep the others from it. Returns their exit codes. */
async function oneByOne(
  drills: readonly { scenario: LoadedScenario; baseline: DrillResult | undefined }[],
  {
    options,
    outlets,
    stopping,
    notice,
  }: {
    options: RunOptions;
    outlets: Outlets;
    stopping: AbortController;
    notice: (scenario: LoadedScenario, ran: Ran) => void;
  },
): Promise<number[]> {
  const stop = stopping.signal;
  const scenarios = drills.map(({ scenario }) => scenario);
  await using people = await People.gather({ scenarios, options, abort: () => stopping.abort() });
  const codes: number[] = [];
  for (const { scenario, baseline } of drills) {
    if (stop.aborted) break;
    const ran = await runOne({ scenario, baseline, stop, people }, { ...options, outlets }).catch(notRun);
    notice(scenario, ran);
    codes.push(ran.code);
  }
  return codes;
}

/** Reads an option that stands for a key of the scenario. */
const numberFor = (key: 'trials' | 'seed') => (text: string) => {
  const { data, error } = scenarioSchema.shape[key].safeParse(Number(text), { error: inWords });
  if (error) throw new InvalidArgumentError(error.issues[0]!.message);
  return data;
};

/** A scenario as the options want it. @throws InvalidInput */
export function adjusted(loaded: LoadedScenario, options: RunOptions): LoadedScenario {
  const { seed, untilDecided, mostTrials, baseline } = options;
  const trials =
    options.trials ?? (baseline === undefined ? undefined : Math.max(loaded.scenario.trials, GATE_TRIALS));
  const until =
    loaded.scenario['until-decided'] ??
    (untilDecided || mostTrials !== undefined ? UNTIL_DECIDED : undefined);
  const scenario = {
    ...loaded.scenario,
    ...(trials !== undefined && { trials }),
    ...(seed !== undefined && { seed }),
    ...(until && { 'until-decided': { ...until, ...(mostTrials !== undefined && { most: mostTrials }) } }),
  };
  const undecidable = until && scenario.targets.find((target) => whyUndecidable(target) !== undefined);
  if (undecidable)
    throw new InvalidInput([
      { file: loaded.file, line: 1, column: 1, message: whyUndecidable(undecidable)! },
    ]);
  return { ...loaded, scenario };
}

/** What brings a scenario's lab up. */
const runtimeOf = (
  { scenario, topology }: LoadedScenario,
  { runtime, attach }: Pick<RunOptions, 'runtime' | 'attach'>,
): Runtime => (attach ? attachedRuntime : runtimeFor(topology, runtime ?? scenario.runtime));

/** Nobody asked for containers: whoever has none is to know why they are needed. */
function sayWhyContainers({ scenario, topology }: LoadedScenario, { runtime, attach }: RunOptions) {
  if (attach || (runtime ?? scenario.runtime) !== undefined) return;
  const why = whyContainers(topology);
  if (why !== undefined) console.error(`${pc.dim('note')}  on containerlab: ${why}`);
}

/** Ctrl-C and the like heal and report; a second one ends at once, and the lab with it. */
export function stopOnSignals(): AbortController {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(EXIT.interrupted);
      process.stderr.write('\nhealing; once more to end at once\n');
      stop.abort();
    });
  }
  return stop;
}

/** What a scenario is held against, where that is asked for. Checked before anything is run. @throws InvalidInput */
function baselineOf({ scenario }: LoadedScenario, { baseline, out }: RunOptions): DrillResult | undefined {
  if (baseline === undefined) return undefined;
  const result = baselineFor(baseline, { scenario: scenario.name, store: out });
  const lacking = lackingTrials(result, scenario.trials);
  if (lacking === 0) return result;
  const message = `too few trials to tell a regression: ${lacking} more in the baseline, or more with --trials`;
  throw new InvalidInput([{ file: baseline, line: 1, column: 1, message }]);
}

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
  runOptions: Pick<RunOptions, 'out' | 'netem' | 'runtime' | 'attach' | 'tolerance'> & { outlets: Outlets },
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
