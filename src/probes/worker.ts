import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type Anchor, FastClock } from '../linux/clock.js';
import { DatagramReader } from '../linux/datagrams.js';
import { Poller } from '../linux/poller.js';
import { becomePunctual, ThreadMeter, type ThreadTime } from '../linux/scheduling.js';
import { TcpReader } from '../linux/tcp.js';
import type { Instrument, InstrumentContext, ProbeData, ProbeSetup, Stream } from './probe.js';
import { type Probe, probeKind } from './registry.js';

/** What the probe worker is started with. */
export interface ProbeWorkerData {
  anchor: Anchor;
  /** An Int32Array's buffer; set its first element to end the worker. */
  stop: SharedArrayBuffer;
  setups: Omit<ProbeSetup<Probe>, 'start'>[];
}

/** What the probe worker says. */
export type ProbeWorkerMessage =
  | { kind: 'armed'; scheduling: 'fifo' | 'normal'; streams: Record<string, Stream[]> }
  | { kind: 'data'; at: number; probes: Record<string, ProbeData>; thread: ThreadTime; last: boolean };

/** How often what was seen is handed over, nanoseconds. */
const HAND_OVER = 200e6;

/** Time for opening all sockets before the first packet is due, nanoseconds. */
const LEAD = 50e6;

const { anchor, stop, setups } = workerData as ProbeWorkerData;
const port = parentPort!;
const stopped = new Int32Array(stop);
const say = (message: ProbeWorkerMessage) => port.postMessage(message);

const clock = new FastClock(anchor);
const poller = new Poller();
const meter = new ThreadMeter();
const context: InstrumentContext = {
  poller,
  now: () => clock.now(),
  datagrams: new DatagramReader(clock),
  streams: new TcpReader(clock),
};

const instruments = new Map<string, Instrument>();
const start = clock.now() + LEAD;
for (const setup of setups) {
  try {
    instruments.set(setup.id, probeKind(setup.parameters).open!({ ...setup, start } as never, context));
  } catch (error) {
    throw new Error(`probe "${setup.id}": ${(error as Error).message}`);
  }
}
const all = [...instruments.values()];
const plain = ({ flow, way, start }: Stream): Stream => ({ flow, way, start });
const scheduling = becomePunctual();
say({
  kind: 'armed',
  scheduling,
  streams: Object.fromEntries([...instruments].map(([id, { streams }]) => [id, streams.map(plain)])),
});

function handOver(last: boolean) {
  const probes = Object.fromEntries([...instruments].map(([id, instrument]) => [id, instrument.take()]));
  say({ kind: 'data', at: clock.now(), probes, thread: meter.read(), last });
}

let handOverAt = clock.now() + HAND_OVER;
while (Atomics.load(stopped, 0) === 0) {
  let next = handOverAt;
  for (const instrument of all) next = Math.min(next, instrument.next);
  poller.wait(next - clock.now());
  const now = clock.now();
  for (const instrument of all) if (instrument.next <= now) instrument.run(now);
  if (now >= handOverAt) {
    handOver(false);
    handOverAt = now + HAND_OVER;
  }
}
handOver(true);
for (const instrument of all) instrument.close();
// Anything that was still sent to this worker is read, so that the port can close.
while (receiveMessageOnPort(port));
port.close();
