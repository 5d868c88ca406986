import { CleanUp } from '../cleanup.js';
import type { Clock } from '../linux/clock.js';
import { Thread } from '../linux/thread.js';
import type { Lab } from '../runtime/runtime.js';
import { Looker } from './looker.js';
import { type Watch, watchKind } from './registry.js';
import { isPolled, type Onlooker, type Signal } from './watch.js';
import type { WatchWorkerData, WatchWorkerMessage } from './worker.js';

/** Called with each change that a watch saw. */
export type OnSignal = (watch: string, signal: Signal) => void;

/**
 * Starts the watches of a drill: those that sense events share a thread, those that receive messages have one for each node, the others
 * look again and again.
 */
export async function startWatches(options: {
  lab: Pick<Lab, 'nodes'>;
  clock: Clock;
  watches: Record<string, Watch>;
  signal: OnSignal;
  fail: (error: Error) => void;
}): Promise<AsyncDisposable> {
  const { lab, clock, watches, signal, fail } = options;
  const all = Object.entries(watches).map(([id, parameters]) => ({
    id,
    parameters,
    node: lab.nodes.get(parameters.node)!,
    kind: watchKind(parameters),
  }));
  const sensed: WatchWorkerData['watches'] = all
    .filter(({ kind }) => kind.sense)
    .map(({ id, parameters, node }) => {
      const { name, network = '', files = '', console } = node;
      return { id, parameters, site: { node: name, network, files, console } };
    });
  await using started = new CleanUp();
  const listen = async (module: string, data: object) => {
    const hear: (message: Exclude<WatchWorkerMessage, { kind: 'armed' }>) => void = (message) =>
      signal(message.watch, message.signal);
    const { anchor } = clock;
    started.use(await Thread.start<WatchWorkerMessage>({ module, data: { anchor, ...data }, hear, fail }));
  };
  if (sensed.length > 0) await listen('watches/worker', { watches: sensed });
  const received = all.filter(({ kind }) => kind.receive);
  for (const node of new Set(received.map(({ node }) => node))) {
    const own = received.filter((watch) => watch.node === node);
    await listen('watches/receiver-worker', {
      network: node.network,
      watches: own.map(({ id, parameters }) => ({ id, parameters })),
    });
  }
  const end = new AbortController();
  const onlookers: Onlooker[] = [];
  const polls: Promise<void>[] = [];
  started.defer(async () => {
    end.abort();
    for (const onlooker of onlookers) onlooker.close();
    await Promise.allSettled(polls);
  });
  const lookers: Looker[] = [];
  for (const { id, kind, parameters, node } of all.filter(({ kind }) => isPolled(kind))) {
    const onlooker = await kind.open?.(parameters as never, { lab, clock }).catch((error: Error) => {
      throw new Error(`watch "${id}": ${error.message}`, { cause: error });
    });
    if (onlooker) onlookers.push(onlooker);
    const look = () => onlooker?.look() ?? kind.look!(parameters as never, node);
    lookers.push(new Looker({ parameters, look, clock, tell: (seen) => signal(id, seen) }));
  }
  // Before the first look nobody knows.
  await Promise.all(lookers.map((looker) => looker.look()));
  for (const looker of lookers) {
    const poll = looker.run(end.signal);
    poll.catch(fail);
    polls.push(poll);
  }
  return started.move();
}
