import { once } from 'node:events';
import type { DrillResult } from '../analysis/result.js';
import { steadyLoad } from '../analysis/steady-load.js';
import type { LoadedScenario } from '../scenario/load.js';
import { EXIT } from './exit.js';
import { outletsOf } from './notify.js';
import { notRun, type Ran, type RunOptions, runOne } from './one-drill.js';
import { People } from './people.js';
import { selected } from './selection.js';

/** What this process is asked to do. */
export interface DrillOrder {
  file: string;
  options: RunOptions;
  baseline: DrillResult | undefined;
  command: string[];
}

/** What it says. */
export type DrillWord =
  | {
      k: 'judged';
      ran: Ran;
      verdict: DrillResult['verdict'];
      reason: string;
      /** Trials that were disturbed. */
      invalid: number;
      /** That it used while nothing was broken. */
      processors: number | undefined;
    }
  | { k: 'ended'; ran: Ran };

/** What it is told meanwhile: to end early, and whether others are to be told of the result. */
export type DrillReply = { k: 'stop' } | { k: 'tell'; isToBeTold: boolean };

const say = (word: DrillWord) => new Promise<void>((resolve) => void process.send?.(word, () => resolve()));

// Whoever started this is gone, however it ended: the lab goes with this process.
process.on('disconnect', () => process.exit(EXIT.interrupted));
const [order] = (await once(process, 'message')) as [DrillOrder];
const stop = new AbortController();
const told = new Promise<boolean>((resolve) => {
  process.on('message', (reply: DrillReply) => {
    if (reply.k === 'stop') stop.abort();
    else resolve(reply.isToBeTold);
  });
});

/** One drill of several that run side by side, in a process of its own, so that judging one does not keep another from its next step. */
async function run({ file, options, baseline, command }: DrillOrder): Promise<Ran> {
  const [scenario] = selected([file], { ...options, tag: [] }) as [LoadedScenario];
  await using people = await People.gather({ scenarios: [scenario], options, abort: () => stop.abort() });
  return runOne(
    {
      ...{ scenario, baseline, people, command },
      stop: stop.signal,
      isToBeTold: async (ran, result) => {
        const { verdict, reason, trials } = result;
        const invalid = trials.filter(({ valid }) => !valid).length;
        await say({ k: 'judged', ran, verdict, reason, invalid, processors: steadyLoad(result) });
        return told;
      },
    },
    { ...options, outlets: outletsOf(options) },
  );
}

await say({ k: 'ended', ran: await run(order).catch(notRun) });
process.removeAllListeners('disconnect');
process.disconnect?.();
