import { execa } from 'execa';

/** How a containerlab command ended. */
export interface ContainerlabEnd {
  /** None where a signal ended it, or where it did not start. */
  exitCode: number | undefined;
  /** Why it did not start: ENOENT, EACCES. */
  code: string | undefined;
  stdout: string;
  stderr: string;
  canceled: boolean;
  timedOut: boolean;
}

/** How to start containerlab. */
export interface ContainerlabStart {
  /** Words in front of its own: `['sudo', 'containerlab']`. */
  command: readonly string[];
  env?: Record<string, string> | undefined;
  cwd?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** A cancelled containerlab is told to stop like by Ctrl-C, which it heeds; one that does not is ended. */
const END_MS = 10_000;

const optionsOf = ({ env, cwd, signal }: ContainerlabStart) => ({
  env: { CLAB_VERSION_CHECK: 'disable', NO_COLOR: '1', ...env },
  ...(cwd !== undefined && { cwd }),
  ...(signal && { cancelSignal: signal }),
  stdin: 'ignore' as const,
  killSignal: 'SIGINT' as const,
  forceKillAfterDelay: END_MS,
  reject: false as const,
});

/**
 * Runs containerlab to its end.
 * @param timeoutMs after which it is ended, milliseconds
 */
export async function runContainerlab(
  argv: readonly string[],
  { timeoutMs, ...start }: ContainerlabStart & { timeoutMs?: number | undefined },
): Promise<ContainerlabEnd> {
  const [file = '', ...first] = start.command;
  const child = await execa(file, [...first, ...argv], {
    ...optionsOf(start),
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
  });
  const { exitCode, code, stdout, stderr, isCanceled, timedOut } = child;
  return { exitCode, code, stdout, stderr, canceled: isCanceled, timedOut };
}

/** Runs containerlab and yields each line that it prints; its end comes last. */
export async function* followContainerlab(
  argv: readonly string[],
  start: ContainerlabStart,
): AsyncGenerator<string, ContainerlabEnd> {
  const [file = '', ...first] = start.command;
  const child = execa(file, [...first, ...argv], { ...optionsOf(start), buffer: { stdout: false } });
  try {
    for await (const line of child.iterable({ preserveNewlines: false })) yield String(line);
    const { exitCode, code, stderr, isCanceled, timedOut } = await child;
    return { exitCode, code, stdout: '', stderr, canceled: isCanceled, timedOut };
  } finally {
    // Whoever stops reading wants no more of it.
    child.kill();
    await child;
  }
}
