import { parentPort, workerData } from 'node:worker_threads';
import { FastClock } from '../linux/clock.js';
import { Poller } from '../linux/poller.js';
import type { BulkParameters } from './bulk.js';
import { BulkTransfer } from './bulk-transfer.js';
import type { OwnThreadData, OwnThreadMessage } from './own-thread.js';
import type { ProbeSetup } from './probe.js';

/** How often connections are filled and emptied, how long a bin is, and how often bins are handed over, nanoseconds. */
const TICK = 4e6;
const BIN = 20e6;
const HAND_OVER = 200e6;

const { anchor, stop, setup } = workerData as OwnThreadData;
const say = (message: OwnThreadMessage) => parentPort!.postMessage(message);
const stopped = new Int32Array(stop);
const clock = new FastClock(anchor);
// This thread stays an ordinary one: what it moves must not keep the probes that time packets from a processor.
const poller = new Poller(1);

function open(): BulkTransfer {
  try {
    return new BulkTransfer({ ...setup, start: clock.now() } as unknown as ProbeSetup<BulkParameters>);
  } catch (error) {
    throw new Error(`probe "${setup.id}": ${(error as Error).message}`);
  }
}

const transfer = open();
say({ kind: 'armed', streams: transfer.flows.map(({ flow, way, start }) => ({ flow, way, start })) });
const handOver = () => say({ kind: 'data', at: clock.now(), data: transfer.take() });

let now = clock.now();
let [tick, bin, handing] = [now, now + BIN, now + HAND_OVER];
while (Atomics.load(stopped, 0) === 0) {
  poller.wait(tick - clock.now());
  now = clock.now();
  transfer.run(now);
  tick = Math.max(tick + TICK, now);
  now = clock.now();
  if (now >= bin) {
    transfer.closeBin(now);
    bin = Math.max(bin + BIN, now);
  }
  if (now >= handing) {
    handOver();
    handing = Math.max(handing + HAND_OVER, now);
  }
}
transfer.closeBin(clock.now());
handOver();
transfer.close();
parentPort!.close();
