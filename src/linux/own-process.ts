import { type ChildProcess, fork } from 'node:child_process';

/**
 * Starts a compiled module of ours as a process of its own session, so that a Ctrl-C on the terminal does not reach it: whoever started it says what is to become of
 * it, by messages. What it prints is piped. Messages may hold what structured cloning can copy.
 */
export const startOwn = (
  module: string,
  env: NodeJS.ProcessEnv,
  { argv = [], cwd = process.cwd() }: { argv?: readonly string[]; cwd?: string } = {},
): ChildProcess =>
  fork(module, argv, {
    detached: true,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env,
  });
