import { parentPort, workerData } from 'node:worker_threads';
import { type Anchor, FastClock } from '../linux/clock.js';
import { POLLIN, Poller, SLICE } from '../linux/poller.js';
import { becomePunctual, ThreadMeter } from '../linux/scheduling.js';
import { type Watch, watchKind } from './registry.js';
import { EVENT_RESOLUTION, type Signal, type WatchSite } from './watch.js';

/** What the signal worker is started with. */
export interface WatchWorkerData {
  anchor: Anchor;
  /** An Int32Array's buffer; set its first element to end the worker. */
  stop: SharedArrayBuffer;
  watches: { id: string; parameters: Watch; site: WatchSite }[];
}

/** What the signal worker says. */
export type WatchWorkerMessage = { kind: 'armed' } | { kind: 'signal'; watch: string; signal: Signal };

const { anchor, stop, watches } = workerData as WatchWorkerData;
const say = (message: WatchWorkerMessage) => parentPort!.postMessage(message);
const stopped = new Int32Array(stop);
const clock = new FastClock(anchor);
const poller = new Poller();
const meter = new ThreadMeter();

/** When the sensors were last seen to have nothing, and how long this thread had waited for a processor by then. */
let quietAt = clock.now();
let waitedThen = meter.read().waited;

const sensors = watches.map(({ id, parameters, site }) => {
  const sensor = watchKind(parameters).sense!(parameters as never, site);
  poller.add(sensor.descriptor, POLLIN, () => {
    const after = clock.now();
    // The event came after the last look, and no earlier than this thread was kept from looking.
    const kept = meter.read().waited - waitedThen;
    const before = Math.max(quietAt, after - EVENT_RESOLUTION - kept);
    for (const sight of sensor.read())
      say({ kind: 'signal', watch: id, signal: { ...sight, before, after } });
  });
  const now = clock.now();
  if (sensor.initial?.active)
    say({ kind: 'signal', watch: id, signal: { ...sensor.initial, before: now, after: now } });
  return sensor;
});
becomePunctual();
say({ kind: 'armed' });

while (Atomics.load(stopped, 0) === 0) {
  quietAt = clock.now();
  waitedThen = meter.read().waited;
  poller.wait(SLICE);
}
for (const sensor of sensors) sensor.close();
parentPort!.close();
