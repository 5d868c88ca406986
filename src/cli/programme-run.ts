import { join } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { unknownName } from '../document/nearest.js';
import { InvalidInput } from '../document/problem.js';
import type { JudgedEntry } from '../history/entry.js';
import { tryLock } from '../linux/file-lock.js';
import { dayOf } from '../programme/calendar.js';
import { dueOf, evidenceOf } from '../programme/due.js';
import { type LoadedDrill, type LoadedProgramme, loadProgramme } from '../programme/load.js';
import { CannotRun } from '../runtime/errors.js';
import type { LoadedScenario } from '../scenario/load.js';
import { EXIT, mostSerious } from './exit.js';
import { addDelivery, type DeliveryOptions, type Outlets, outletsOf } from './notify.js';
import { checkRuntimes, oneByOne, stopOnSignals } from './one-by-one.js';
import { collect, instant } from './options.js';
import { addPeople, checkPeople, type PeopleOptions } from './people.js';
import { historyOf, standing, writeProgrammeReport } from './programme-report.js';
import { writingTo } from './writing.js';

interface RunOptions extends DeliveryOptions, PeopleOptions {
  drill: string[];
  merge?: boolean;
  all?: boolean;
  since?: number;
}

/** `faildrill programme run`: the drills that are due, or asked for, one after the other. */
export function addProgrammeRun(programme: Command, file: readonly [string, string, string]): void {
  const run = programme
    .command('run')
    .argument(...file)
    .option('--drill <name>', 'this drill, whether it is due or not; may be given several times', collect, [])
    .option('--merge', 'the drills that follow merges')
    .option('--all', 'all drills')
    .option(
      '--since <time>',
      'of these only the ones not done since: 2026-11-01, 2026-11-01T08:30 (UTC), 36h, 30d; goes on where an exercise was interrupted',
      instant,
    )
    .description('run the drills that are due, or asked for, and write the programme report');
  addPeople(run);
  addDelivery(run).action(async (path: string, options: RunOptions) => {
    const outlets = outletsOf(options);
    const loaded = loadProgramme(path);
    using _ = lockStore(loaded);
    const history = historyOf(loaded);
    const chosen = chosenOf(loaded, { ...options, history });
    const scenarios = chosen.map(({ loaded }) => loaded);
    checkPeople(scenarios, options);
    checkRuntimes(scenarios, {});
    const codes = scenarios.length > 0 ? await runAll(scenarios, loaded, { ...options, outlets }) : [];
    const result = standing(loaded, dayOf(Date.now()));
    if (chosen.length === 0)
      console.log(`nothing is due${result.next ? `; the next drill is to be done by ${result.next}` : ''}`);
    writeProgrammeReport(loaded, result);
    process.exitCode = mostSerious(codes);
  });
}

/** Two runs at once would do the same drills twice, and disturb each other's figures. */
function lockStore({ history }: LoadedProgramme): Disposable {
  const hint = 'the programme says where: history';
  const lock = writingTo(history, { hint }, () => tryLock(join(history, '.programme.lock')));
  if (lock) return lock;
  throw new CannotRun(`another run of a programme uses ${history}`, {
    hint: 'wait for it; what it did need not be done again',
  });
}

/** The drills that are to be run, in the order of the programme. */
function chosenOf(
  { file, drills, programme: { starts } }: LoadedProgramme,
  {
    drill: names,
    merge = false,
    all = false,
    since,
    history,
  }: RunOptions & { history: readonly JudgedEntry[] },
): LoadedDrill[] {
  const known = drills.map(({ loaded }) => loaded.scenario.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidInput([{ file, line: 1, column: 1, message: unknownName('drill', unknown, known) }]);
  const isAskedFor = names.length > 0 || merge || all;
  const today = dayOf(Date.now());
  return drills.filter((drill) => {
    const { name } = drill.loaded.scenario;
    const evidence = evidenceOf(name, history);
    const [last] = evidence;
    if (since !== undefined && last && Date.parse(last.drill.started) >= since) return false;
    if (isAskedFor) return all || names.includes(name) || (merge && drill.frequency === 'every-merge');
    return ['due', 'overdue'].includes(dueOf(drill, { evidence, starts, today }).state);
  });
}

/** Runs drills, and reproduces each by itself. Returns their exit codes. */
async function runAll(
  scenarios: readonly LoadedScenario[],
  { history }: LoadedProgramme,
  options: RunOptions & { outlets: Outlets },
): Promise<number[]> {
  const stopping = stopOnSignals();
  const drills = scenarios.map((scenario) => ({ scenario, command: ['faildrill', 'run', scenario.file] }));
  const codes = await oneByOne(drills, {
    options: { ...options, out: history },
    stopping,
    begin: ({ scenario: { scenario } }, index) =>
      console.log(`\n${pc.bold(`${index + 1} of ${drills.length}: ${scenario.name}`)}`),
  });
  return stopping.signal.aborted ? [...codes, EXIT.interrupted] : codes;
}
