import { CleanUp } from '../cleanup.js';
import { type Anchor, Clock, type Instant } from '../linux/clock.js';
import type { ThreadTime } from '../linux/scheduling.js';
import { Thread } from '../linux/thread.js';
import type { Node } from '../runtime/runtime.js';
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

/** The probes of a drill: those with instruments share a thread, the others have one each or are hosted by the main thread. */
export interface Prober extends AsyncDisposable {
  /** Streams of each probe. */
  streams: Record<string, Stream[]>;
  scheduling: 'fifo' | 'normal';
}

/** How often what a hosted probe saw is taken, milliseconds. */
const HAND_OVER = 200;

/** Time until a hosted probe is to begin, nanoseconds. */
const LEAD = 50e6;

/**
 * Starts the probes; each observation goes to `observe`, a failure of the thread to `fail`.
 * @param nodes by name
 */
export async function startProbes(options: {
  anchor: Anchor;
  setups: ProbeWorkerData['setups'];
  nodes: ReadonlyMap<string, Node>;
  observe: (observation: Observation) => void;
  fail: (error: Error) => void;
}): Promise<Prober> {
  const { anchor, setups, nodes, observe, fail } = options;
  await using threads = new CleanUp();
  const shared = threads.use(
    await Thread.start<ProbeWorkerMessage>({
      module: 'probes/worker',
      data: { anchor, setups: setups.filter(({ parameters }) => probeKind(parameters).open) },
      hear: observe,
      fail,
    }),
  );
  const streams = { ...shared.armed.streams };
  for (const setup of setups) {
    const { thread: module } = probeKind(setup.parameters);
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
  const clock = new Clock(anchor);
  for (const setup of setups) {
    const { host } = probeKind(setup.parameters);
    if (!host) continue;
    const { id, from, to } = setup;
    const ends = { from: nodes.get(from.node)!, to: nodes.get(to.node)! };
    const hosted = await Promise.resolve(
      host({ ...setup, start: clock.now() + LEAD } as never, ends, clock),
    ).catch((error: Error) => {
      throw new Error(`probe "${id}": ${error.message}`);
    });
    const take = () => observe({ at: clock.now(), probes: { [id]: hosted.take() } });
    const timer = setInterval(take, HAND_OVER);
    threads.defer(async () => {
      clearInterval(timer);
      await hosted.end();
      take();
    });
    streams[id] = [...hosted.streams];
  }
  const opened = threads.move();
  const { scheduling } = shared.armed;
  return { streams, scheduling, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}
