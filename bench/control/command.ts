import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { processorSecondsOf, statusOf } from '../processes.js';
import { CLI } from '../recorded.js';

/** What a command that followed a run was like. */
export interface Followed {
  code: number;
  /** Seconds until the last result was here, and until its end. */
  followingSeconds: number;
  seconds: number;
  /** Most memory that was resident until then each, megabytes. */
  followingMegabytes: number;
  megabytes: number;
  /** Processor time of the command when the last result was here, seconds. */
  processorSeconds: number;
  /** How often it said of an index that it passed. */
  passed: number;
}

/** How often its memory is looked at. The kernel keeps the maximum. */
const LOOK_MS = 100;

/**
 * Runs the command line until it ends.
 * @param log file for what it says
 * @param fetched called when it has the results of so many indexes
 */
export async function follow(
  argv: readonly string[],
  {
    cwd,
    kubeconfig,
    log,
    indexes,
    fetched,
  }: {
    cwd: string;
    kubeconfig: string;
    log: string;
    indexes: number;
    fetched: () => void;
  },
): Promise<Followed> {
  const start = performance.now();
  const child = spawn(process.execPath, [CLI, 'kubernetes', ...argv], {
    ...{ cwd, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, KUBECONFIG: kubeconfig, NO_COLOR: '1' },
  });
  const end = () => void child.kill();
  process.once('exit', end);
  const secondsSince = () => (performance.now() - start) / 1000;
  const seen = {
    passed: 0,
    followingSeconds: Number.NaN,
    followingMegabytes: Number.NaN,
    megabytes: Number.NaN,
    processorSeconds: Number.NaN,
  };
  const look = () => {
    seen.megabytes = statusOf(child.pid!, 'VmHWM') ?? seen.megabytes;
  };
  const timer = setInterval(look, LOOK_MS);
  child.stdout.pipe(createWriteStream(`${log}.out`));
  child.stderr.pipe(createWriteStream(log));
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!line.endsWith('  passed') || ++seen.passed !== indexes) return;
    look();
    Object.assign(seen, {
      followingSeconds: secondsSince(),
      followingMegabytes: seen.megabytes,
      processorSeconds: processorSecondsOf(child.pid!),
    });
    fetched();
  });
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(timer);
  process.off('exit', end);
  return { code, ...seen, seconds: secondsSince() };
}
