import { type Command, Option } from 'commander';
import { lackingTrials } from '../analysis/comparison/gate.js';
import type { DrillResult } from '../analysis/result.js';
import { InvalidInput } from '../document/problem.js';
import { engines } from '../netem/registry.js';
import { runtimes } from '../runtime/registry.js';
import type { LoadedScenario } from '../scenario/load.js';
import { baselineFor } from './baseline.js';
import { EXIT, mostSerious } from './exit.js';
import { addDelivery, outletsOf } from './notify.js';
import { checkRuntimes, oneByOne, stopOnSignals } from './one-by-one.js';
import { ownCommand, type Ran, type RunOptions } from './one-drill.js';
import { percentage } from './options.js';
import { addPeople, checkPeople } from './people.js';
import { STORE } from './recordings.js';
import { addSelection, selected } from './selection.js';
import { Shard, shardOption } from './shard.js';
import { checkAlone, jobsOption, sideBySide } from './side-by-side.js';

/** `faildrill run`: drills, judges, reports. */
export function addRun(program: Command): void {
  const run = addSelection(program.command('run'))
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
      'regression gate: exit code 1 where a target became worse than in this drill (a name in the history, a recording, a result.json, or a folder of drills); of at least 20 trials',
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
    const all = selected(paths, options);
    const shard =
      options.shard &&
      new Shard(all, { ...options.shard, durations: options.durations, folder: options.out });
    const scenarios = shard?.scenarios ?? all;
    const baselines = new Map(scenarios.map((one) => [one, baselineOf(one, options)]));
    checkPeople(scenarios, options);
    if (options.jobs !== undefined) checkAlone(scenarios, options);
    checkRuntimes(scenarios, options);
    const stopping = stopOnSignals();
    const stop = stopping.signal;
    const drills = scenarios.map((scenario) => ({ scenario, baseline: baselines.get(scenario) }));
    const notice = (scenario: LoadedScenario, ran: Ran) => shard?.ended(scenario, ran);
    const { jobs } = options;
    const codes =
      jobs === undefined
        ? await oneByOne(drills, { options: { ...options, outlets }, stopping, notice })
        : await sideBySide(drills, { jobs, options, command: ownCommand(), stop, notice });
    process.exitCode = stop.aborted ? EXIT.interrupted : mostSerious(codes);
  });
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
