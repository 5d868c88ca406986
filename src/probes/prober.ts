import { CleanUp } from '../cleanup.js';
import type { Anchor, Instant } from '../linux/clock.js';
import type { ThreadTime } from '../linux/scheduling.js';
import { Thread } from '../linux/thread.js';
import type { OwnThreadMessage } from './own-thread.js';
import type { ProbeData, Stream } from './probe.js';
import { probeKind } from './registry.js';
import type { ProbeWorkerData, ProbeWorkerMessage } from './worker.js';

/** What probes saw in one interval. */
export interface Observation {
  at: Instant;
  probes: Record<string, ProbeData>;
  /** Processor time of the probing thread since it started; none from a probe with a thread of its own. */
  thread?: ThreadTime;
}

/** The probes of a drill: those with instruments share a thread, the others have one each. */
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
  const threadOf = ({ parameters }: (typeof setups)[number]) => probeKind(parameters).thread;
  await using threads = new CleanUp();
  const shared = threads.use(
    await Thread.start<ProbeWorkerMessage>({
      module: 'probes/worker',
      data: { anchor, setups: setups.filter((setup) => !threadOf(setup)) },
      hear: observe,
      fail,
    }),
  );
  const streams = { ...shared.armed.streams };
  for (const setup of setups) {
    const module = threadOf(setup);
    if (module === undefined) continue;
    const { armed } = threads.use(
      await Thread.start<OwnThreadMessage>({
        module,
        data: { anchor, setup },
        hear: ({ at, data }) => observe({ at, probes: { [setup.id]: data } }),
        fail,
      }),
    );
    streams[setup.id] = armed.streams;
  }
  const opened = threads.move();
  const { scheduling } = shared.armed;
  return { streams, scheduling, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}
