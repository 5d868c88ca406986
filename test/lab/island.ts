import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

/** A network namespace that has nothing but a loopback; gone after the test, with what was started in it. */
export async function makeIsland() {
  const holder = execa(
    'unshare',
    ['--net', 'sh', '-c', 'ip link set lo up && echo up && exec sleep infinity'],
    {
      reject: false,
      buffer: false,
    },
  );
  const started = [holder];
  onTestFinished(async () => {
    for (const child of started) child.kill('SIGKILL');
    await Promise.all(started);
  });
  await once(holder.stdout!, 'data');
  const inside = (argv: readonly string[]) => [`--net=/proc/${holder.pid}/ns/net`, ...argv];
  const options = { reject: false, stdin: 'ignore' } as const;
  return {
    /** Starts a program; returns when it has said on either output what it says when it is ready. */
    async start(ready: RegExp, ...argv: string[]) {
      const child = execa('nsenter', inside(argv), { ...options, all: true, buffer: false });
      started.push(child as never);
      const lines: string[] = [];
      await new Promise<void>((resolve, reject) => {
        const reader = createInterface(child.all);
        reader.on('line', (line) => {
          lines.push(line);
          if (ready.test(line)) resolve();
        });
        reader.on('close', () => reject(new Error(`${argv[0]} ended: ${lines.join('\n')}`)));
      });
      /** What it has said so far. */
      return { lines };
    },
    /** Runs a program to its end. */
    run: (argv: readonly string[], env: Record<string, string> = {}) =>
      execa(
        'nsenter',
        inside(['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...argv]),
        options,
      ),
  };
}

export type Island = Awaited<ReturnType<typeof makeIsland>>;
