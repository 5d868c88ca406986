import { openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { FastClock, type Instant } from '../linux/clock.js';
import { enter } from '../linux/namespaces.js';
import type { OwnThreadData, OwnThreadMessage } from './own-thread.js';
import type { Requester, Stream } from './probe.js';
import { probeKind } from './registry.js';
import { StreamLog } from './stream-log.js';

/** How often what was seen is handed over, and how often it looks whether it is to end, milliseconds. */
const HAND_OVER = 200;
const LOOK = 20;

/** What a resolver calls it. */
const TIMEOUT = 'ETIMEOUT';

/** Time until the first request is due, nanoseconds. */
const LEAD = 50e6;

/** A client and what became of its requests. */
interface Client {
  requester: Requester;
  log: StreamLog;
  stream: Stream;
}

const { anchor, stop, setup } = workerData as OwnThreadData;
const parent = parentPort!;
const stopped = new Int32Array(stop);
const say = (message: OwnThreadMessage) => parent.postMessage(message);
const clock = new FastClock(anchor);
const asked = setup.parameters as unknown as { clients: number; interval: number; timeout: number };

/** Makes the requests of a client when they are due. */
async function keepAsking({ requester, log, stream }: Client) {
  for (;;) {
    const due = stream.start + log.next * asked.interval;
    await until(due);
    if (Atomics.load(stopped, 0) !== 0) return;
    const number = log.next;
    log.sent(clock.now() - due);
    const signal = AbortSignal.timeout(Math.max(1, Math.round(asked.timeout / 1e6)));
    requester.ask(signal).then(
      () => log.received(number, clock.now() - due),
      (error: Error & { code?: string }) =>
        log.failed(
          number,
          signal.aborted || error.code === TIMEOUT ? 'timeout' : (error.code ?? error.message),
        ),
    );
  }
}

/** Waits for an instant; timers of Node.js count whole milliseconds, and may be early by a part of one. */
async function until(due: Instant) {
  for (let left = due - clock.now(); left > 0; left = due - clock.now())
    await new Promise((resolve) => setTimeout(resolve, Math.ceil(left / 1e6)));
}

function open(): Client[] {
  const start = clock.now() + LEAD;
  try {
    // For good: every socket of this thread is one of the node's.
    enter({ net: openSync(setup.from.network, 'r') });
    return Array.from({ length: asked.clients }, (_, flow) => ({
      requester: probeKind(setup.parameters).client!({ ...setup, start } as never),
      log: new StreamLog(flow),
      stream: {
        flow,
        way: 'round-trip' as const,
        start: start + Math.floor((flow * asked.interval) / asked.clients),
      },
    }));
  } catch (error) {
    throw new Error(`probe "${setup.id}": ${(error as Error).message}`);
  }
}

const clients = open();
say({ kind: 'armed', streams: clients.map(({ stream }) => stream) });
for (const client of clients) void keepAsking(client);

const handOver = () => {
  const streams = clients.flatMap(({ log }) => log.take());
  say({ kind: 'data', at: clock.now(), data: { streams, sessions: [], foreign: 0, dropped: 0 } });
};
const handing = setInterval(handOver, HAND_OVER);
const looking = setInterval(() => {
  if (Atomics.load(stopped, 0) === 0) return;
  clearInterval(handing);
  clearInterval(looking);
  handOver();
  for (const { requester } of clients) requester.close();
  // Requests that are underway would keep it until they are over.
  process.exit();
}, LOOK);
