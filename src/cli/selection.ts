import { type Command, InvalidArgumentError } from 'commander';
import { GATE_TRIALS } from '../analysis/comparison/gate.js';
import { inWords } from '../document/issues.js';
import { InvalidInput } from '../document/problem.js';
import { whyUndecidable } from '../scenario/check-target.js';
import { type LoadedScenario, loadScenario } from '../scenario/load.js';
import { scenarioSchema, UNTIL_DECIDED } from '../scenario/schema.js';
import { collect, collectVariable } from './options.js';
import { findScenarios, withTags } from './scenarios.js';

/** Which scenarios, and what of them is other than they say. */
export interface SelectionOptions {
  tag: string[];
  trials?: number;
  untilDecided?: boolean;
  mostTrials?: number;
  seed?: number;
  set: Record<string, string>;
}

export const addSelection = (command: Command): Command =>
  command
    .argument('<scenario...>', 'scenario files (*.drill.yml), or folders of them')
    .option('--tag <tag>', 'only scenarios with this tag; given several times, with any of them', collect, [])
    .option('--trials <n>', 'number of trials, instead of what the scenario says', numberFor('trials'))
    .option('--until-decided', 'after these trials go on until every target is decided with 95 % confidence')
    .option('--most-trials <n>', 'the same, but end undecided at so many instead of 100', numberFor('trials'))
    .option(
      '--seed <n>',
      'seed of all that is drawn at random, instead of what the scenario says',
      numberFor('seed'),
    )
    .option('--set <name=value>', 'give a variable of the topology file a value', collectVariable, {});

/** Reads an option that stands for a key of the scenario. */
const numberFor = (key: 'trials' | 'seed') => (text: string) => {
  const { data, error } = scenarioSchema.shape[key].safeParse(Number(text), { error: inWords });
  if (error) throw new InvalidArgumentError(error.issues[0]!.message);
  return data;
};

/** Reads the scenarios, and has them as the options want them. @throws InvalidInput */
export const selected = (
  paths: readonly string[],
  options: SelectionOptions & { baseline?: string },
): LoadedScenario[] => {
  const loaded = findScenarios(paths).map((file) => loadScenario(file, { variables: options.set }));
  return withTags(loaded, { tags: options.tag, paths }).map((one) => adjusted(one, options));
};

/** A scenario as the options want it. @throws InvalidInput */
function adjusted(loaded: LoadedScenario, options: SelectionOptions & { baseline?: string }): LoadedScenario {
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

/** The options as a command that selects the same from its own paths gets them; without tags. */
export const selectionArgv = ({
  trials,
  untilDecided,
  mostTrials,
  seed,
  set,
}: SelectionOptions): string[] => [
  ...(trials === undefined ? [] : ['--trials', String(trials)]),
  ...(untilDecided ? ['--until-decided'] : []),
  ...(mostTrials === undefined ? [] : ['--most-trials', String(mostTrials)]),
  ...(seed === undefined ? [] : ['--seed', String(seed)]),
  ...Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
];
