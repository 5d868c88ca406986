import { readFileSync } from 'node:fs';
import { pathInRoot } from '../linux/in-root.js';
import { inspectProcess } from '../linux/processes.js';
import type { NodeProcess, ProcessMatch } from './runtime.js';

/** Longest that a process may take to be gone after SIGKILL or stopped after SIGSTOP, milliseconds. */
const SIGNAL_MS = 2000;

/** A process of a node that this process can reach: `outer` is its PID here, `host` as the machine's /proc shows it. */
export interface ReachableProcess extends NodeProcess {
  outer: number;
  host: number;
}

/**
 * Those of a node's processes that match; all of them without a match.
 * @param root path of the node's files, for a PID file
 * @throws Error where there is no such PID file
 */
export function matching<P extends NodeProcess>(
  processes: readonly P[],
  { match, node, root }: { match: ProcessMatch | undefined; node: string; root: () => string },
): P[] {
  if (!match) return [...processes];
  if ('name' in match) return processes.filter((found) => found.name === match.name.slice(0, 15));
  if ('cmdline' in match) {
    const pattern = new RegExp(match.cmdline);
    return processes.filter(({ commandLine }) => pattern.test(commandLine));
  }
  const pid = readPidFile(root(), match.pidfile, node);
  return processes.filter((found) => found.pid === pid);
}

function readPidFile(root: string, file: string, node: string): number {
  try {
    return Number.parseInt(readFileSync(pathInRoot(root, file), 'utf8'), 10);
  } catch {
    throw new Error(`node ${node} has no PID file ${file}`);
  }
}

/**
 * Signals processes and waits until the signal has done its work.
 * @returns CLOCK_MONOTONIC readings in nanoseconds round that instant
 */
export async function signalAndSee(
  processes: readonly ReachableProcess[],
  signal: NodeJS.Signals,
): Promise<{ before: bigint; after: bigint }> {
  const before = process.hrtime.bigint();
  for (const { outer } of processes) kill(outer, signal);
  const deadline = Date.now() + SIGNAL_MS;
  while (!processes.every((found) => hasTaken(found, signal)) && Date.now() < deadline) {
    await new Promise(setImmediate);
  }
  return { before, after: process.hrtime.bigint() };
}

/** Whether a signal has done its work; of those that a process may handle nobody can say. */
function hasTaken({ host, started }: ReachableProcess, signal: NodeJS.Signals): boolean {
  const found = inspectProcess(host);
  const isGone = found?.started !== started || found.state === 'Z';
  if (signal === 'SIGKILL') return isGone;
  if (signal === 'SIGSTOP') return isGone || found.state === 'T';
  if (signal === 'SIGCONT') return isGone || found.state !== 'T';
  return true;
}

/**
 * Stops or continues all processes of a node. New ones may start meanwhile, so it looks until none is left.
 * @returns CLOCK_MONOTONIC readings in nanoseconds round it
 */
export function signalAll(
  processes: () => readonly ReachableProcess[],
  signal: 'SIGSTOP' | 'SIGCONT',
): { before: bigint; after: bigint } {
  const before = process.hrtime.bigint();
  const wanted = ({ state }: NodeProcess) => (signal === 'SIGSTOP' ? state !== 'T' : state === 'T');
  for (let round = 0; round < 50; round++) {
    const rest = processes().filter(wanted);
    if (rest.length === 0) break;
    for (const { outer } of rest) kill(outer, signal);
  }
  return { before, after: process.hrtime.bigint() };
}

/** Sends a signal; a process that is gone already is no error. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
