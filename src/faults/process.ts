import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Node, NodeProcess, ProcessMatch } from '../runtime/runtime.js';
import { absolutePath, regularExpression } from '../scenario/units.js';
import { FaultFailed } from './fault.js';

/** Which processes of a node are meant. A plain name is that of the kernel. */
export const processMatch = z
  .union([
    z
      .string()
      .min(1)
      .transform((name) => ({ name })),
    z.strictObject({ name: z.string().min(1) }),
    z.strictObject({ pidfile: absolutePath }),
    z.strictObject({ cmdline: regularExpression }),
  ])
  .meta({ description: 'process name, or { pidfile: /path }, or { cmdline: regular expression }' });

/** A match as people read it. */
export const matchName = (match: ProcessMatch): string => Object.values(match).join('');

/** The processes that match, at least one. */
export async function mustFind(node: Node, match: ProcessMatch): Promise<NodeProcess[]> {
  const found = await node.processes(match);
  if (found.length > 0) return found;
  const running = [...new Set((await node.processes()).map(({ name }) => name))].sort();
  throw new FaultFailed(
    `node ${node.name} runs no process "${matchName(match)}"; it runs ${running.join(', ') || 'none'}`,
  );
}

/** PIDs and names of processes. */
export const listProcesses = (processes: readonly NodeProcess[]): string =>
  processes.map(({ pid, name }) => `${name} (${pid})`).join(', ');

/** Waits until a look at a node shows what is wanted; returns the last look. */
export async function until<T>(options: {
  look: () => Promise<T>;
  isDone: (seen: T) => boolean;
  within: number;
}): Promise<T> {
  const { look, isDone, within } = options;
  const deadline = process.hrtime.bigint() + BigInt(within);
  for (;;) {
    const seen = await look();
    if (isDone(seen) || process.hrtime.bigint() > deadline) return seen;
    await sleep(10);
  }
}
