import { constants } from 'node:os';
import * as z from 'zod';
import { nodeName, positiveDuration } from '../scenario/units.js';
import { type Effect, FaultFailed, type FaultKind, nodeOf } from './fault.js';
import { listProcesses, matchName, mustFind, processMatch, until } from './process.js';

const parameters = {
  node: nodeName,
  process: processMatch,
  signal: z
    .string()
    .transform((name) => `SIG${name.replace(/^SIG/, '')}`)
    .refine((name) => name in constants.signals, 'expected the name of a signal, as KILL, TERM or HUP')
    .default('SIGKILL')
    .meta({ description: 'signal to send' }),
  restart: z.string().min(1).optional().meta({
    description:
      'command line that starts it again when the fault is cleared; without it, something in the node must have done so',
  }),
  within: positiveDuration
    .prefault('15s')
    .meta({ description: 'how long the process may take to be back once cleared' }),
};

/** Signals after which a daemon is gone. Others tell it something, as HUP to read its configuration again. */
const ENDING = new Set(
  ['ABRT', 'BUS', 'FPE', 'ILL', 'INT', 'KILL', 'QUIT', 'SEGV', 'TERM'].map((name) => `SIG${name}`),
);

/** A process of a node gets a signal, as a rule one that kills it. */
export const processKill: FaultKind<typeof parameters> = {
  name: 'process-kill',
  description: 'a process of a node is killed, or gets another signal',
  parameters,
  target: ({ node, process }) => `${matchName(process)} on ${node}`,
  takes: ({ node, process, signal }) =>
    ENDING.has(signal) ? { process, on: node, wholly: true } : undefined,
  prepare({ node: name, process: match, signal, restart, within }, context) {
    const node = nodeOf(context, name);
    let killed: string[] = [];
    const identity = ({ pid, started }: { pid: number; started: string }) => `${pid} ${started}`;
    return {
      async inject(): Promise<Effect> {
        await mustFind(node, match);
        const { processes, ...bracket } = await node.signal(match, signal as NodeJS.Signals);
        killed = processes.map(identity);
        const left = (await node.processes(match)).filter((found) => killed.includes(identity(found)));
        if (signal === 'SIGKILL' && left.length > 0)
          throw new FaultFailed(`${listProcesses(left)} on ${name} survived SIGKILL`);
        return { ...bracket, proof: `${signal} to ${listProcesses(processes)}` };
      },
      async clear(): Promise<Effect> {
        const before = context.clock.now();
        if (killed.length === 0) return { before, after: before, proof: 'nothing was killed' };
        if (restart && (await node.processes(match)).length === 0) {
          const { code, stderr } = await node.run({ argv: ['/bin/sh', '-c', restart], timeout: within });
          if (code !== 0) throw new FaultFailed(`"${restart}" on ${name} failed (${code}): ${stderr.trim()}`);
        }
        const found = await until({
          look: () => node.processes(match),
          isDone: (list) => list.length > 0,
          within,
        });
        if (found.length === 0) {
          throw new FaultFailed(
            `"${matchName(match)}" on ${name} did not come back; give the fault a "restart:" command`,
          );
        }
        return { before, after: context.clock.now(), proof: `running: ${listProcesses(found)}` };
      },
    };
  },
};
