import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import type { DrillResult } from '../analysis/result.js';
import { BUDGET, type Job, nextJob } from '../jobs/admission.js';
import { Costs } from '../jobs/costs.js';
import { startOwn } from '../linux/own-process.js';
import { compiled } from '../paths.js';
import { CannotRun } from '../runtime/errors.js';
import type { LoadedScenario } from '../scenario/load.js';
import { asksPeople } from '../scenario/operators.js';
import { durationsOf } from '../shards/durations.js';
import type { DrillOrder, DrillReply, DrillWord } from './drill-worker.js';
import { EXIT } from './exit.js';
import type { Ran, RunOptions } from './one-drill.js';
import { hasPage } from './people.js';
import { judgedIn } from './recordings.js';

/** Reads `auto`, for as many as the processors allow, or a number. */
export function jobsOption(text: string): number {
  if (text === 'auto') return Infinity;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('expected auto, or a number from 1 on');
  return Number(text);
}

/** Whether drills can do without people, who could not tell which of several speaks to them. @throws CannotRun */
export function checkAlone(scenarios: readonly LoadedScenario[], options: RunOptions): void {
  const asking = scenarios.find(({ scenario }) => asksPeople(scenario) && options.operators === 'ask');
  const why = asking ? `${asking.scenario.name} asks people` : hasPage(options) && 'the page shows one drill';
  if (!why) return;
  throw new CannotRun(`${why}, and --jobs runs several at once`, {
    hint: 'run it without --jobs, or with --operators skip and without --ui',
  });
}

interface Drill {
  scenario: LoadedScenario;
  baseline: DrillResult | undefined;
}

/** A drill that waits or runs. */
interface DrillJob extends Job {
  drill: Drill;
  /** Whether another one ran at the same time. */
  beside: boolean;
}

interface SideBySide {
  /** Most drills at once. */
  jobs: number;
  options: RunOptions;
  /** What reproduces it. */
  command: string[];
  stop: AbortSignal;
  notice: (scenario: LoadedScenario, ran: Ran) => void;
}

/**
 * Runs drills side by side, as many as the processors allow, each in a process of its own. What did not pass beside others, or has a trial that was disturbed, is
 * repeated alone, and that counts. Returns their exit codes.
 */
export async function sideBySide(drills: readonly Drill[], options: SideBySide): Promise<number[]> {
  const { jobs, stop, notice } = options;
  const history = judgedIn(options.options.out);
  const [costs, durations] = [new Costs(history), durationsOf(history)];
  const limits = { budget: BUDGET * availableParallelism(), most: jobs };
  const width = Math.max(0, ...drills.map(({ scenario }) => scenario.scenario.name.length));
  let waiting = drills.map((drill): DrillJob => {
    const { name, trials } = drill.scenario.scenario;
    const duration = (durations.get(name) ?? 0) * trials;
    return { drill, lab: drill.scenario.topology.name, duration, again: false, beside: false };
  });
  const running = new Map<DrillJob, Promise<void>>();
  const codes: number[] = [];
  const end = (job: DrillJob, { ran, shaken, processors }: Ended) => {
    running.delete(job);
    const scenario = job.drill.scenario.scenario.name;
    costs.note({ scenario, lab: job.lab, ...(processors !== undefined && { processors }) });
    if (shaken && !stop.aborted) return waiting.push({ ...job, again: true, beside: false });
    notice(job.drill.scenario, ran);
    return codes.push(ran.code);
  };
  for (;;) {
    waiting = waiting.map((job) => ({
      ...job,
      cost: costs.of({ scenario: job.drill.scenario.scenario.name, lab: job.lab }),
    }));
    const job = stop.aborted ? undefined : nextJob(waiting, [...running.keys()], limits);
    if (job) {
      waiting = waiting.filter((one) => one !== job);
      const others = [...running.keys()];
      for (const one of others.length > 0 ? [job, ...others] : []) one.beside = true;
      running.set(
        job,
        runJob(job, { ...options, width }).then((ended) => void end(job, ended)),
      );
    } else if (running.size > 0) await Promise.race(running.values());
    else return codes;
  }
}

/** What became of a drill. */
interface Ended {
  ran: Ran;
  /** Whether its neighbours may be why it did not pass. */
  shaken: boolean;
  processors?: number | undefined;
}

/** What neighbours can be the reason of. */
const SHAKEN: readonly number[] = [EXIT.fail, EXIT.inconclusive, EXIT.cannotRun];

/** Runs one drill in a process of its own. Its progress is shown line by line under its name, its result as one block. */
async function runJob(
  job: DrillJob,
  { options, command, stop, width }: SideBySide & { width: number },
): Promise<Ended> {
  const { scenario, baseline } = job.drill;
  const { name } = scenario.scenario;
  const say = (text: string) => process.stderr.write(`${pc.bold(name.padEnd(width))}  ${text}\n`);
  const colours = pc.isColorSupported ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
  const child = startOwn(compiled('cli/drill-worker'), { ...process.env, ...colours });
  const send = (message: DrillOrder | DrillReply) => child.connected && child.send(message, () => {});
  // Where its process ends without a word, its neighbours may have taken the memory.
  const isBeside = () => job.beside && !job.again && !stop.aborted;
  let ended: Ended | undefined;
  const block: Buffer[] = [];
  child.stdout!.on('data', (data: Buffer) => void block.push(data));
  createInterface({ input: child.stderr! }).on('line', say);
  child.on('message', (word: DrillWord) => {
    const { ran } = word;
    if (word.k === 'ended') {
      ended ??= { ran, shaken: isBeside() && SHAKEN.includes(ran.code) };
      return;
    }
    const { verdict, reason, invalid, processors } = word;
    const shaken = isBeside() && (SHAKEN.includes(ran.code) || invalid > 0);
    ended = { ran, shaken, processors };
    if (shaken) say(pc.yellow(`${verdict} beside others (${reason}): to be repeated alone`));
    send({ k: 'tell', isToBeTold: !shaken });
  });
  const interrupt = () => void send({ k: 'stop' });
  stop.addEventListener('abort', interrupt);
  send({ file: scenario.file, options, baseline, command });
  await once(child, 'close');
  stop.removeEventListener('abort', interrupt);
  ended ??= { ran: { code: EXIT.cannotRun, problem: 'its process ended before it did' }, shaken: isBeside() };
  if (!ended.shaken) process.stdout.write(Buffer.concat(block));
  return ended;
}
