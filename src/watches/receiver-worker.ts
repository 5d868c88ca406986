import { openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type Anchor, FastClock } from '../linux/clock.js';
import { enter } from '../linux/namespaces.js';
import { type Watch, watchKind } from './registry.js';
import { RECEIVED, type Receiver } from './watch.js';
import type { WatchWorkerMessage } from './worker.js';

/** What a thread that receives messages in a node is started with. */
export interface ReceiverWorkerData {
  anchor: Anchor;
  stop: SharedArrayBuffer;
  /** Path of the node's network namespace. */
  network: string;
  watches: { id: string; parameters: Watch }[];
}

const { anchor, stop, network, watches } = workerData as ReceiverWorkerData;
const parent = parentPort!;
const stopped = new Int32Array(stop);
const say = (message: WatchWorkerMessage) => parent.postMessage(message);
const clock = new FastClock(anchor);

/** The last two instants at which this thread had handled all that it had been sent before. */
let [last, beforeLast] = [clock.now(), clock.now()];

// For good: every socket of this thread is one of the node's.
enter({ net: openSync(network, 'r') });
const receivers: Receiver[] = [];
for (const { id, parameters } of watches) {
  const tell = (sight: { active: boolean; detail: string }) =>
    // What had come before the last tick but one was handled by then.
    say({ kind: 'signal', watch: id, signal: { ...sight, before: beforeLast, after: clock.now() } });
  receivers.push(
    await watchKind(parameters).receive!(parameters as never, tell).catch((error: Error) => {
      throw new Error(`watch "${id}": ${error.message}`);
    }),
  );
}
setInterval(() => {
  beforeLast = last;
  last = clock.now();
  if (Atomics.load(stopped, 0) === 0) return;
  for (const receiver of receivers) receiver.close();
  process.exit();
}, RECEIVED / 1e6);
say({ kind: 'armed' });
