import { openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { FastClock } from '../linux/clock.js';
import { enter } from '../linux/namespaces.js';
import { Asking } from './asking.js';
import type { OwnThreadData, OwnThreadMessage } from './own-thread.js';
import { probeKind } from './registry.js';

/** How often what was seen is handed over, and how often it looks whether it is to end, milliseconds. */
const HAND_OVER = 200;
const LOOK = 20;

/** Time until the first request is due, nanoseconds. */
const LEAD = 50e6;

const { anchor, stop, setup } = workerData as OwnThreadData;
const parent = parentPort!;
const stopped = new Int32Array(stop);
const say = (message: OwnThreadMessage) => parent.postMessage(message);
const clock = new FastClock(anchor);

function open(): Asking {
  const start = clock.now() + LEAD;
  try {
    // For good: every socket of this thread is one of the node's.
    enter({ net: openSync(setup.from.network, 'r') });
    return new Asking({
      parameters: setup.parameters as never,
      open: () => probeKind(setup.parameters).client!({ ...setup, start } as never),
      now: () => clock.now(),
      start,
    });
  } catch (error) {
    throw new Error(`probe "${setup.id}": ${(error as Error).message}`);
  }
}

const asking = open();
say({ kind: 'armed', streams: asking.streams });

const handOver = () =>
  say({
    kind: 'data',
    at: clock.now(),
    data: { streams: asking.take(), sessions: [], foreign: 0, dropped: 0 },
  });
const handing = setInterval(handOver, HAND_OVER);
const looking = setInterval(() => {
  if (Atomics.load(stopped, 0) === 0) return;
  clearInterval(handing);
  clearInterval(looking);
  handOver();
  asking.end();
  // Requests that are underway would keep it until they are over.
  process.exit();
}, LOOK);
