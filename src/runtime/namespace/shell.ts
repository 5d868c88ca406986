import { constants } from 'node:os';
import { execa } from 'execa';
import { processesOf } from '../../linux/processes.js';
import { CannotRun } from '../errors.js';

/**
 * Runs a command in a node with this process's own terminal.
 * @param pidNamespace the node's, as its lab describes it
 * @returns its exit code; where a signal ended it, 128 and the signal's number, as shells have it
 */
export async function runInTerminal(pidNamespace: string, argv: readonly string[]): Promise<number> {
  const first = processesOf(pidNamespace).find(({ pids }) => pids.at(-1) === 1);
  if (!first) throw new CannotRun('the node is not running');
  const inside = ['--target', String(first.pids[0]), '--mount', '--uts', '--ipc', '--net', '--pid', '--root'];
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    TERM: process.env.TERM,
  };
  const command = ['--', '/bin/sh', '-c', 'cd / && exec "$@"', 'sh', ...argv];
  const { exitCode, signal } = await execa('nsenter', [...inside, ...command], {
    stdio: 'inherit',
    env,
    extendEnv: false,
    reject: false,
  });
  return exitCode ?? 128 + (signal ? constants.signals[signal] : 0);
}
