import { openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { backlogOf, makeRoomAt } from '../linux/backlog.js';
import { type Anchor, type Bracket, FastClock } from '../linux/clock.js';
import { enter } from '../linux/namespaces.js';
import { type Watch, watchKind } from './registry.js';
import { type Receiver, ROUND, type Sight } from './watch.js';
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

/**
 * The last instants at which this thread came round to its sockets with no datagram left to read, earliest first. It takes two rounds to accept a
 * connection and to read what came with it, and another may pass until a message is put together.
 */
let rounds = Array.from({ length: 4 }, () => clock.now());
/** When the sockets were last looked at. */
let lookedAt = clock.now();

// For good: every socket of this thread is one of the node's.
enter({ net: openSync(network, 'r') });
const tell = (watch: string, sight: Sight, { before, after }: Bracket) =>
  say({ kind: 'signal', watch, signal: { ...sight, before, after } });
const receivers: { id: string; receiver: Receiver; dropped: number }[] = [];
for (const { id, parameters } of watches) {
  const hear = (sight: Sight) => tell(id, sight, { before: rounds[0]!, after: clock.now() });
  const receiver = await watchKind(parameters).receive!(parameters as never, hear).catch((error: Error) => {
    throw new Error(`watch "${id}": ${error.message}`);
  });
  if (receiver.datagrams) makeRoomAt(receiver.datagrams);
  receivers.push({ id, receiver, dropped: 0 });
}

/** Looks at the sockets: whether nothing waits there, and what was lost, of which nobody knows whether it counted. */
function isAllRead(): boolean {
  const before = lookedAt;
  lookedAt = clock.now();
  let waiting = 0;
  for (const one of receivers) {
    if (!one.receiver.datagrams) continue;
    const backlog = backlogOf(one.receiver.datagrams);
    waiting += backlog.waiting;
    if (backlog.dropped === one.dropped) continue;
    const lost = `${backlog.dropped - one.dropped} messages were lost: more came than could be read`;
    const after = clock.now();
    tell(one.id, { active: false, unknown: true, detail: `unknown: ${lost}` }, { before, after });
    tell(one.id, { active: false, detail: 'no more is lost' }, { before: after, after });
    one.dropped = backlog.dropped;
  }
  return waiting === 0;
}

setInterval(() => {
  const now = clock.now();
  if (isAllRead()) rounds = [...rounds.slice(1), now];
  if (Atomics.load(stopped, 0) === 0) return;
  for (const { receiver } of receivers) receiver.close();
  process.exit();
}, ROUND / 1e6);
say({ kind: 'armed' });
