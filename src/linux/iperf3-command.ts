import { execa } from 'execa';

/**
 * Runs an iperf3 command line to its end.
 * @param signal interrupts it; it then still reports what it saw
 * @returns what it printed
 */
export async function runInterruptibly(
  [file = '', ...argv]: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const child = execa(file, argv, { reject: false, stdin: 'ignore' });
  const interrupt = () => void child.kill('SIGINT');
  if (signal?.aborted) interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const { stdout, code } = await child;
    if (code !== undefined) throw new Error(`cannot run ${file}: ${code}`);
    return stdout;
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}
