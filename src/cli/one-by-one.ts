import pc from 'picocolors';
import type { DrillResult } from '../analysis/result.js';
import { whyContainers } from '../runtime/registry.js';
import type { LoadedScenario } from '../scenario/load.js';
import { EXIT, reportWarnings } from './exit.js';
import { type DrillOptions, notRun, type Ran, runOne, runtimeOf } from './one-drill.js';
import { People, type PeopleOptions } from './people.js';

/** A drill that waits for its turn. */
interface Planned {
  scenario: LoadedScenario;
  baseline?: DrillResult | undefined;
  /** What reproduces it, where that is not the command that was given. */
  command?: string[];
}

/** Looks whether the labs of scenarios can be brought up, and says what people should know of them beforehand. @throws CannotRun */
export function checkRuntimes(
  scenarios: readonly LoadedScenario[],
  options: Pick<DrillOptions, 'runtime' | 'attach'>,
): void {
  for (const one of scenarios) {
    runtimeOf(one, options).check(one.topology);
    sayWhyContainers(one, options);
    reportWarnings(one.warnings);
  }
}

/**
 * Runs drills one after the other; one that cannot be run does not keep the others from it. Returns their exit codes.
 * @param begin told before each, by its place from 0
 * @param notice told of each
 */
export async function oneByOne(
  drills: readonly Planned[],
  {
    options,
    stopping,
    begin = () => {},
    notice = () => {},
  }: {
    options: DrillOptions & PeopleOptions;
    stopping: AbortController;
    begin?: (drill: Planned, index: number) => void;
    notice?: (scenario: LoadedScenario, ran: Ran) => void;
  },
): Promise<number[]> {
  const stop = stopping.signal;
  const scenarios = drills.map(({ scenario }) => scenario);
  await using people = await People.gather({ scenarios, options, abort: () => stopping.abort() });
  const codes: number[] = [];
  for (const [index, drill] of drills.entries()) {
    if (stop.aborted) break;
    begin(drill, index);
    const ran = await runOne({ ...drill, stop, people }, options).catch(notRun);
    notice(drill.scenario, ran);
    codes.push(ran.code);
  }
  return codes;
}

/** Nobody asked for containers: whoever has none is to know why they are needed. */
function sayWhyContainers(
  { scenario, topology }: LoadedScenario,
  { runtime, attach }: Pick<DrillOptions, 'runtime' | 'attach'>,
) {
  if (attach || (runtime ?? scenario.runtime) !== undefined) return;
  const why = whyContainers(topology);
  if (why !== undefined) console.error(`${pc.dim('note')}  on containerlab: ${why}`);
}

/**
 * Ctrl-C and the like end what is done in good order; a second one ends at once, and the labs with it.
 * @param word what is done then
 */
export function stopOnSignals(word = 'healing'): AbortController {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(EXIT.interrupted);
      process.stderr.write(`\n${word}; once more to end at once\n`);
      stop.abort();
    });
  }
  return stop;
}
