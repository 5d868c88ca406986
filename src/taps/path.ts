import type { Anchor } from '../linux/clock.js';
import { Thread } from '../linux/thread.js';
import type { Link } from '../runtime/runtime.js';
import type { LinkBins, PathWorkerMessage } from './path-worker.js';

/** Starts counting what each link carries, in bins of 20 ms. */
export function startPathTap(options: {
  anchor: Anchor;
  links: readonly Link[];
  observe: (bins: LinkBins) => void;
  fail: (error: Error) => void;
}): Promise<AsyncDisposable> {
  const { anchor, observe, fail } = options;
  const links = options.links.map(({ name, meters }) => ({ name, meters }));
  return Thread.start<PathWorkerMessage>({
    module: 'taps/path-worker',
    data: { anchor, links },
    hear: ({ kind: _, ...bins }) => observe(bins),
    fail,
  });
}
