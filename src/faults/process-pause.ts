import { nodeName } from '../scenario/units.js';
import { type Effect, FaultFailed, type FaultKind, nodeOf } from './fault.js';
import { listProcesses, matchName, mustFind, processMatch } from './process.js';

const parameters = { node: nodeName, process: processMatch };

/** A process of a node hangs: it is stopped, and goes on when the fault is cleared. */
export const processPause: FaultKind<typeof parameters> = {
  name: 'process-pause',
  description: 'a process of a node hangs (SIGSTOP) until the fault is cleared',
  parameters,
  target: ({ node, process }) => `${matchName(process)} on ${node}`,
  takes: ({ node, process }) => ({ process, on: node, wholly: true }),
  prepare({ node: name, process: match }, context) {
    const node = nodeOf(context, name);
    const send = async (
      signal: 'SIGSTOP' | 'SIGCONT',
      isDone: (state: string) => boolean,
    ): Promise<Effect> => {
      const { processes, ...bracket } = await node.signal(match, signal);
      const wrong = (await node.processes(match)).filter(({ state }) => !isDone(state));
      if (wrong.length > 0)
        throw new FaultFailed(`${signal} had no effect on ${listProcesses(wrong)} of ${name}`);
      return {
        ...bracket,
        proof: `${signal === 'SIGSTOP' ? 'stopped' : 'going on'}: ${listProcesses(processes)}`,
      };
    };
    return {
      async inject() {
        await mustFind(node, match);
        return send('SIGSTOP', (state) => state === 'T');
      },
      clear: () => send('SIGCONT', (state) => state !== 'T'),
    };
  },
};
