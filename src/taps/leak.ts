import type { Anchor } from '../linux/clock.js';
import { Thread } from '../linux/thread.js';
import type { Link } from '../runtime/runtime.js';
import type { LeakWorkerData, LeakWorkerMessage } from './leak-worker.js';

/** What was captured since the last word. */
export type Captured = Omit<Extract<LeakWorkerMessage, { kind: 'captured' }>, 'kind'>;

/** Starts looking for the drill's own packets in plaintext on some links. */
export function startLeakTap(options: {
  anchor: Anchor;
  tag: number;
  links: readonly Link[];
  search?: LeakWorkerData['search'];
  observe: (captured: Captured) => void;
  fail: (error: Error) => void;
}): Promise<AsyncDisposable> {
  const { anchor, tag, search = 'kernel', observe, fail } = options;
  const links = options.links.map(({ name, meters }) => ({ name, meters }));
  return Thread.start<LeakWorkerMessage>({
    module: 'taps/leak-worker',
    data: { anchor, tag, links, search },
    hear: ({ kind: _, ...captured }) => observe(captured),
    fail,
  });
}
