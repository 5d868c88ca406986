import { nodeName } from '../scenario/units.js';
import { FaultFailed, type FaultKind, nodeOf } from './fault.js';
import { listProcesses } from './process.js';

const parameters = { node: nodeName };

/** A node hangs: nothing in it runs and nothing is forwarded, while its lines keep their carrier. */
export const nodePause: FaultKind<typeof parameters> = {
  name: 'node-pause',
  description: 'a node hangs: it runs and forwards nothing, with its lines up',
  parameters,
  target: ({ node }) => node,
  isSilent: () => true,
  takes: ({ node }) => ({ node, wholly: true }),
  prepare({ node: name }, context) {
    const node = nodeOf(context, name);
    return {
      async inject() {
        const bracket = await node.freeze();
        const awake = (await node.processes()).filter(({ state }) => state !== 'T');
        if (awake.length > 0)
          throw new FaultFailed(`${name} was frozen, but still runs ${listProcesses(awake)}`);
        return { ...bracket, proof: 'every process stopped, every packet dropped' };
      },
      async clear() {
        const bracket = await node.thaw();
        const asleep = (await node.processes()).filter(({ state }) => state === 'T');
        if (asleep.length > 0)
          throw new FaultFailed(`${name} was thawed, but ${listProcesses(asleep)} still stopped`);
        return { ...bracket, proof: 'every process runs' };
      },
    };
  },
};
