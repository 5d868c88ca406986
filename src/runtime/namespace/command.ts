import { kill } from '../signals.js';
import type { KeptNode } from './kept-node.js';
import type { ExecOutcome, ExecRequest } from './protocol.js';

/** What is kept of a command's output, bytes. */
const MOST_OUTPUT = 16 << 20;

/** How long to read on after a command's exit where its pipes stay open, milliseconds. */
const LINGER_MS = 100;

/** Runs a command in a node to its end, its timeout, or the caller's leaving. */
export async function runCommand(
  node: KeptNode,
  request: ExecRequest,
  signal?: AbortSignal,
): Promise<ExecOutcome> {
  const before = process.hrtime.bigint().toString();
  const child = node.spawn(request.argv, {
    env: request.env,
    user: request.user,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that what it started can be ended with it.
    detached: true,
  });
  child.stdin!.on('error', () => {});
  child.stdin!.end(request.input ?? '');
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      if (output[name].length < MOST_OUTPUT) output[name] += text;
    });
  }
  let timedOut = false;
  const stop = () => child.pid !== undefined && kill(-child.pid, 'SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  const timer =
    request.timeout === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop();
        }, request.timeout / 1e6);
  try {
    const [code, by] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, by) => resolve([code, by]));
      // A daemon that the command left behind may keep the pipes open; then its exit is the end.
      child.on('exit', (code, by) => setTimeout(() => resolve([code, by]), LINGER_MS));
    });
    return { code, signal: by, timedOut, ...output, before, after: process.hrtime.bigint().toString() };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  }
}
