import { CleanUp } from '../cleanup.js';
import type { Clock } from '../linux/clock.js';
import { Thread } from '../linux/thread.js';
import type { Node } from '../runtime/runtime.js';
import { Looker } from './looker.js';
import { type Watch, watchKind } from './registry.js';
import type { Signal } from './watch.js';
import type { WatchWorkerData, WatchWorkerMessage } from './worker.js';

/** Called with each change that a watch saw. */
export type OnSignal = (watch: string, signal: Signal) => void;

/**
 * Starts the watches of a drill: those that sense events share a thread, those that receive messages have one for each node, the others
 * look again and again.
 * @param watches by name, each with the node that it watches
 */
export async function startWatches(options: {
  clock: Clock;
  watches: Record<string, { parameters: Watch; node: Node }>;
  signal: OnSignal;
  fail: (error: Error) => void;
}): Promise<AsyncDisposable> {
  const { clock, watches, signal, fail } = options;
  const all = Object.entries(watches).map(([id, watch]) => ({
    id,
    ...watch,
    kind: watchKind(watch.parameters),
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
  const lookers = all
    .filter(({ kind }) => kind.look)
    .map(({ id, ...watch }) => new Looker({ ...watch, clock, tell: (seen) => signal(id, seen) }));
  // Before the first look nobody knows.
  await Promise.all(lookers.map((looker) => looker.look()));
  const end = new AbortController();
  const polls = lookers.map((looker) => looker.run(end.signal));
  for (const polled of polls) polled.catch(fail);
  started.defer(async () => {
    end.abort();
    await Promise.allSettled(polls);
  });
  return started.move();
}
