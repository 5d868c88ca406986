import { parentPort, workerData } from 'node:worker_threads';
import { type Anchor, FastClock, type Instant } from '../linux/clock.js';
import { Poller } from '../linux/poller.js';
import { becomePunctual, stayOn } from '../linux/scheduling.js';

/** What the thread of one processor is started with. */
export interface StandstillWorkerData {
  anchor: Anchor;
  stop: SharedArrayBuffer;
  processor: number;
}

/** Times that a processor did nothing of what it should: from when the thread was due to when it ran. */
export type Standstills = [from: Instant, to: Instant][];

export type StandstillWorkerMessage =
  | { kind: 'armed' }
  | { kind: 'stood'; at: Instant; periods: Standstills };

/** How often it wants to run, and how late it must be for a standstill. */
const PERIOD = 2e6;
const LATE = 2e6;
const HAND_OVER = 200e6;

const { anchor, stop, processor } = workerData as StandstillWorkerData;
const say = (message: StandstillWorkerMessage) => parentPort!.postMessage(message);
const stopped = new Int32Array(stop);
const clock = new FastClock(anchor);
const poller = new Poller(1);
let periods: Standstills = [];

function handOver() {
  if (periods.length > 0) say({ kind: 'stood', at: clock.now(), periods });
  periods = [];
}

const stays = stayOn(processor);
becomePunctual();
say({ kind: 'armed' });
for (let told = clock.now(); stays && Atomics.load(stopped, 0) === 0; ) {
  const due = clock.now() + PERIOD;
  poller.wait(PERIOD);
  const now = clock.now();
  if (now - due > LATE) periods.push([Math.round(due), Math.round(now)]);
  if (now - told < HAND_OVER) continue;
  handOver();
  told = now;
}
handOver();
parentPort!.close();
