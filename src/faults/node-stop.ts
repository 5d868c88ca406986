import { nodeName } from '../scenario/units.js';
import { FaultFailed, type FaultKind, nodeOf } from './fault.js';

const parameters = { node: nodeName };

/** A node loses its power: its lines are dead at once, and all it did not write to disk is gone. It boots when cleared. */
export const nodeStop: FaultKind<typeof parameters> = {
  name: 'node-stop',
  description: 'a node loses its power; it boots again when the fault is cleared',
  parameters,
  target: ({ node }) => node,
  takes: ({ node }) => ({ node, wholly: true }),
  powersOff: ({ node }) => node,
  prepare({ node: name }, context) {
    const node = nodeOf(context, name);
    return {
      async inject() {
        const bracket = await node.stop();
        if (node.network !== undefined)
          throw new FaultFailed(`${name} was stopped, but its network is still there`);
        return { ...bracket, proof: 'its lines are dead, its processes and network are gone' };
      },
      async clear() {
        if (node.network !== undefined) {
          const now = context.clock.now();
          return { before: now, after: now, proof: 'it has power' };
        }
        const bracket = await node.start();
        const running = await node.processes();
        return { ...bracket, proof: `booted, ${running.length} processes` };
      },
    };
  },
};
