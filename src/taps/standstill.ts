import { CleanUp } from '../cleanup.js';
import type { Anchor, Instant } from '../linux/clock.js';
import { ownProcessors } from '../linux/scheduling.js';
import { Thread } from '../linux/thread.js';
import type { Standstills, StandstillWorkerMessage } from './standstill-worker.js';

/** Most processors that are watched: each takes a thread. */
const MOST = 8;

/**
 * Starts watching for processors that stand still: taken by the host of a virtual machine, by its firmware, or by what has a higher priority
 * than the instruments.
 */
export async function startStandstillTap(options: {
  anchor: Anchor;
  observe: (stood: { at: Instant; processor: number; periods: Standstills }) => void;
  fail: (error: Error) => void;
}): Promise<AsyncDisposable> {
  const { anchor, observe, fail } = options;
  await using threads = new CleanUp();
  for (const processor of ownProcessors().slice(0, MOST))
    threads.use(
      await Thread.start<StandstillWorkerMessage>({
        module: 'taps/standstill-worker',
        data: { anchor, processor },
        hear: ({ kind: _, ...stood }) => observe({ processor, ...stood }),
        fail,
      }),
    );
  return threads.move();
}
