import { parentPort, workerData } from 'node:worker_threads';
import { type Anchor, type Bracket, FastClock, type Instant } from '../linux/clock.js';
import { POLLIN, Poller, SLICE } from '../linux/poller.js';
import { becomePunctual, ThreadMeter } from '../linux/scheduling.js';
import { type Watch, watchKind } from './registry.js';
import {
  EVENT_RESOLUTION,
  type Seen,
  type Sensor,
  type Signal,
  type WallInstant,
  type WatchSite,
} from './watch.js';

/** What the signal worker is started with. */
export interface WatchWorkerData {
  anchor: Anchor;
  /** An Int32Array's buffer; set its first element to end the worker. */
  stop: SharedArrayBuffer;
  watches: { id: string; parameters: Watch; site: WatchSite }[];
}

/** What the signal worker says. */
export type WatchWorkerMessage = { kind: 'armed' } | { kind: 'signal'; watch: string; signal: Signal };

/** Longest that the word of a daemon may take to this thread, nanoseconds, a stopped daemon aside. */
const LONGEST_ON_THE_WAY = 1e9;

const { anchor, stop, watches } = workerData as WatchWorkerData;
const say = (message: WatchWorkerMessage) => parentPort!.postMessage(message);
const stopped = new Int32Array(stop);
const clock = new FastClock(anchor);
const poller = new Poller();
const meter = new ThreadMeter();

/**
 * When the sensors were last asked whether they had news, which was read then, and how long this thread had waited for a processor by then.
 * One sensor may wait for its daemon while others have news already, so up to the first time nothing is known of when that came.
 */
let askedAt = clock.now();
let waitedThen = Number.NEGATIVE_INFINITY;
/** Whether there was news then: what came while it was read has been waiting since. */
let wasBusy = false;
/** When this thread woke by news. */
let woke: Instant | undefined;

/** When something was by the word of a daemon, which cannot be after it was heard; within the error of reading two clocks. */
function stamped({ seconds, nanoseconds }: WallInstant, heard: Bracket): Bracket {
  const error = clock.synchronise();
  const at = clock.fromWall(seconds, nanoseconds);
  // The wall clock was set in between.
  if (at - error > heard.after || at < heard.after - LONGEST_ON_THE_WAY) return heard;
  return { before: Math.floor(at - error), after: Math.min(Math.ceil(at + error), heard.after) };
}

function tell(watch: string, { at, ...sight }: Seen, heard: Bracket): void {
  say({ kind: 'signal', watch, signal: { ...sight, ...(at ? stamped(at, heard) : heard) } });
}

function sense({ id, parameters, site }: WatchWorkerData['watches'][number]): Sensor {
  try {
    return watchKind(parameters).sense!(parameters as never, site);
  } catch (error) {
    throw new Error(`watch "${id}": ${(error as Error).message}`, { cause: error });
  }
}

const sensors = watches.map((watch) => {
  const { id } = watch;
  const sensor = sense(watch);
  poller.add(sensor.descriptor, POLLIN, () => {
    woke ??= clock.now();
    // The event came after the sensors were last asked, and woke this thread unless it was busy.
    const kept = wasBusy ? Number.POSITIVE_INFINITY : meter.read().waited - waitedThen;
    const before = Math.max(askedAt, woke - EVENT_RESOLUTION - kept);
    const news = sensor.read();
    // What is so may have become so while it was read.
    const after = clock.now();
    for (const seen of news) tell(id, seen, { before, after });
  });
  const now = clock.now();
  if (sensor.initial?.active || sensor.initial?.unknown)
    tell(id, sensor.initial, { before: now, after: now });
  return sensor;
});
becomePunctual();
say({ kind: 'armed' });

while (Atomics.load(stopped, 0) === 0) {
  const now = clock.now();
  const { waited } = meter.read();
  woke = undefined;
  wasBusy = poller.wait(wasBusy ? 0 : SLICE);
  askedAt = now;
  waitedThen = waited;
}
for (const sensor of sensors) sensor.close();
parentPort!.close();
