import type { Anchor, Instant } from '../linux/clock.js';
import type { ThreadTime } from '../linux/scheduling.js';
import { Thread } from '../linux/thread.js';
import type { ProbeData, Stream } from './probe.js';
import type { ProbeWorkerData, ProbeWorkerMessage } from './worker.js';

/** What the probes saw in one interval. */
export interface Observation {
  at: Instant;
  probes: Record<string, ProbeData>;
  /** Processor time of the probing thread since it started. */
  thread: ThreadTime;
}

/** The probes of a drill, running in a thread of their own. */
export interface Prober extends AsyncDisposable {
  /** Streams of each probe. */
  streams: Record<string, Stream[]>;
  scheduling: 'fifo' | 'normal';
}

/** Starts the probes; each observation goes to `observe`, a failure of the thread to `fail`. */
export async function startProbes(options: {
  anchor: Anchor;
  setups: ProbeWorkerData['setups'];
  observe: (observation: Observation) => void;
  fail: (error: Error) => void;
}): Promise<Prober> {
  const { anchor, setups, observe, fail } = options;
  const data = { anchor, setups };
  const thread = await Thread.start<ProbeWorkerMessage>({
    module: 'probes/worker',
    data,
    hear: observe,
    fail,
  });
  const { streams, scheduling } = thread.armed;
  return { streams, scheduling, [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose]() };
}
