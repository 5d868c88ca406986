import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Keeps processors busy until it is disposed of. */
export function busyLoops(count: number): AsyncDisposable {
  // Tied to this process, so that nothing is left however it ends.
  const argv = ['--pdeathsig', 'KILL', '--', 'sh', '-c', 'while :; do :; done'];
  const loops = Array.from({ length: count }, () => spawn('setpriv', argv, { stdio: 'ignore' }));
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(
        loops.map(async (loop) => {
          const ended = once(loop, 'exit');
          loop.kill('SIGKILL');
          await ended;
        }),
      );
    },
  };
}
