import { existsSync, readFileSync } from 'node:fs';
import type { Clock, Instant } from '../linux/clock.js';
import { insideNetwork } from '../linux/namespaces.js';
import { readUsage, type Usage } from '../linux/usage.js';
import type { Node } from '../runtime/runtime.js';

/** How a node fared at an instant. */
export interface Health extends Omit<Usage, 'waited'> {
  t: Instant;
  node: string;
  /** Times that it was switched off and on before. */
  cycle: number;
  /** Connections that its kernel tracks, where it does. */
  sessions?: number;
  /** As in `Usage`; nothing in recordings of before it was read. */
  waited?: number;
}

/**
 * How often each node is looked at, milliseconds. Less than the age from which a daemon counts, so that one that was started anew is always
 * seen to be missing once.
 */
const PERIOD = 900;

/**
 * Starts looking at how the nodes of a lab fare, one after the other so that no look takes long.
 * @returns what ends the looking
 */
export function startHealthTap(options: {
  clock: Clock;
  nodes: readonly Node[];
  observe: (health: Health) => void;
}): () => void {
  const { clock, nodes, observe } = options;
  let next = 0;
  const timer = setInterval(() => {
    const node = nodes[next++ % nodes.length]!;
    const health = lookAt(node, clock);
    if (health) observe(health);
  }, PERIOD / Math.max(1, nodes.length));
  return () => clearInterval(timer);
}

const TRACKED = '/proc/sys/net/netfilter/nf_conntrack_count';

/** Nothing where the node has no power. */
function lookAt({ name, files, network, powerCycles }: Node, clock: Clock): Health | undefined {
  if (files === undefined || network === undefined) return undefined;
  try {
    const usage = readUsage(`${files}/proc`);
    // These settings are those of whoever reads them.
    const sessions = insideNetwork(network, () =>
      existsSync(TRACKED) ? Number(readFileSync(TRACKED, 'utf8')) : undefined,
    );
    return {
      t: clock.now(),
      node: name,
      cycle: powerCycles,
      ...usage,
      ...(sessions !== undefined && { sessions }),
    };
  } catch {
    // Its power went meanwhile.
    return undefined;
  }
}
