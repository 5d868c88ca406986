import * as z from 'zod';
import { nodeName, positiveDuration } from '../scenario/units.js';
import { type Effect, FaultFailed, type FaultKind, nodeOf } from './fault.js';

const parameters = {
  node: nodeName,
  command: z.string().min(1).meta({ description: 'command line that breaks something; it must succeed' }),
  undo: z
    .string()
    .min(1)
    .meta({ description: 'command line that mends it; it must succeed, and may be run twice' }),
  proof: z.string().min(1).optional().meta({
    description: 'command line that succeeds only while the fault is in effect; checked after both',
  }),
  timeout: positiveDuration
    .prefault('30s')
    .meta({ description: 'longest that one of the commands may take' }),
};

/** A command of the scenario's own breaks something in a node, and another mends it. */
export const exec: FaultKind<typeof parameters> = {
  name: 'exec',
  description: "a command of the scenario's own breaks something in a node, and another mends it",
  parameters,
  target: ({ node, command }) => `"${command}" on ${node}`,
  prepare({ node: name, command, undo, proof, timeout }, context) {
    const node = nodeOf(context, name);
    const run = (line: string) => node.run({ argv: ['/bin/sh', '-c', line], timeout });
    const act = async (line: string, inEffect: boolean): Promise<Effect> => {
      const { code, stderr, stdout, timedOut, before, after } = await run(line);
      if (timedOut) throw new FaultFailed(`"${line}" on ${name} took too long`);
      if (code !== 0)
        throw new FaultFailed(`"${line}" on ${name} failed (${code}): ${(stderr || stdout).trim()}`);
      if (!proof) return { before, after, proof: `"${line}" succeeded` };
      const shown = (await run(proof)).code === 0;
      if (shown !== inEffect) {
        throw new FaultFailed(
          `after "${line}" on ${name}, "${proof}" ${shown ? 'still succeeds' : 'does not succeed'}`,
        );
      }
      return { before, after, proof: `"${proof}" ${shown ? 'succeeds' : 'no longer succeeds'}` };
    };
    return { inject: () => act(command, true), clear: () => act(undo, false) };
  },
};
