import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../linux/clock.js';
import { Thread } from '../linux/thread.js';
import type { Node } from '../runtime/runtime.js';
import { type Watch, watchKind } from './registry.js';
import type { Signal, WatchKind } from './watch.js';
import type { WatchWorkerData, WatchWorkerMessage } from './worker.js';

/** Called with each change that a watch saw. */
export type OnSignal = (watch: string, signal: Signal) => void;

/**
 * Starts the watches of a drill: those that sense events share a thread, the others look again and again.
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
  const thread =
    sensed.length === 0
      ? undefined
      : await Thread.start<WatchWorkerMessage>({
          module: 'watches/worker',
          data: { anchor: clock.anchor, watches: sensed },
          hear: (message) => signal(message.watch, message.signal),
          fail,
        });
  const end = new AbortController();
  const polls = all
    .filter(({ kind }) => kind.look)
    .map((watch) => poll({ ...watch, clock, end: end.signal, signal: (seen) => signal(watch.id, seen) }));
  for (const polled of polls) polled.catch(fail);
  return {
    async [Symbol.asyncDispose]() {
      end.abort();
      await Promise.allSettled(polls);
      await thread?.[Symbol.asyncDispose]();
    },
  };
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
  const interval = kind.resolution(parameters as never);
  let last: { active: boolean; started: number } | undefined;
  while (!end.aborted) {
    const started = clock.now();
    const sight = await kind.look!(parameters as never, node).catch((error: Error) => ({
      active: false,
      detail: error.message,
    }));
    const after = clock.now();
    const wasActive = last?.active ?? false;
    if (sight.active !== wasActive) signal({ ...sight, before: last?.started ?? started, after });
    last = { active: sight.active, started };
    const rest = (interval - (clock.now() - started)) / 1e6;
    if (rest > 0) await sleep(rest, undefined, { signal: end }).catch(() => {});
  }
}
