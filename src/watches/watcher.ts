import { setTimeout as sleep } from 'node:timers/promises';
import { CleanUp } from '../cleanup.js';
import type { Clock } from '../linux/clock.js';
import { Thread } from '../linux/thread.js';
import type { Node } from '../runtime/runtime.js';
import { type Watch, watchKind } from './registry.js';
import type { Sight, Signal, WatchKind } from './watch.js';
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
  const end = new AbortController();
  const polls = all
    .filter(({ kind }) => kind.look)
    .map((watch) => poll({ ...watch, clock, end: end.signal, signal: (seen) => signal(watch.id, seen) }));
  for (const polled of polls) polled.catch(fail);
  started.defer(async () => {
    end.abort();
    await Promise.allSettled(polls);
  });
  return started.move();
}

async function poll(options: {
  parameters: Watch;
  kind: WatchKind;
  node: Node;
  clock: Clock;
  end: AbortSignal;
  signal: (signal: Signal) => void;
}): Promise<void> {
  const { parameters, kind, node, clock, end, signal } = options;
  const resolution = kind.resolution(parameters as never);
  const interval = kind.interval?.(parameters as never) ?? resolution;
  let last: (Sight & { started: number }) | undefined;
  while (!end.aborted) {
    const started = clock.now();
    const sight: Sight = await kind.look!(parameters as never, node).catch((error: Error) => ({
      active: false,
      unknown: true,
      detail: `unknown: ${error.message}`,
    }));
    const after = clock.now();
    const isNews = sight.active !== (last?.active ?? false) || sight.unknown !== last?.unknown;
    // What is looked at may have been so for as long as it is coarse.
    const before = (last?.started ?? started) - (last ? resolution - interval : 0);
    if (isNews && !end.aborted) signal({ ...sight, before, after });
    last = { ...sight, started };
    const rest = (interval - (clock.now() - started)) / 1e6;
    if (rest > 0) await sleep(rest, undefined, { signal: end }).catch(() => {});
  }
}
