import type { Loss } from '../faults/fault.js';
import type { ProcessMatch } from '../runtime/runtime.js';
import type { Topology } from '../topology/topology.js';

/** A daemon that a node runs. */
export interface DaemonOfNode {
  node: string;
  /** Process name. */
  name: string;
  /** Whether something in the node starts it again when it ends. */
  isRestarted: boolean;
}

/** What of a lab can fail by itself. */
export type Part =
  | { kind: 'link'; name: string }
  | { kind: 'node'; name: string }
  | ({ kind: 'daemon' } & DaemonOfNode);

/** The single parts of a lab: each link between two of its nodes, each node, each daemon. */
export const partsOf = ({ links, nodes }: Topology, daemons: readonly DaemonOfNode[]): Part[] => [
  ...links
    .filter(({ ends }) => ends.every(({ node }) => nodes.has(node)))
    .map(({ name }): Part => ({ kind: 'link', name })),
  ...[...nodes.keys()].map((name): Part => ({ kind: 'node', name })),
  ...daemons.map((daemon): Part => ({ kind: 'daemon', ...daemon })),
];

/** How people call a part; no two parts of a lab are called the same. */
export const partName = (part: Part): string =>
  part.kind === 'daemon' ? `${part.name} on ${part.node}` : part.name;

/** Whether a part is what a fault takes away. */
export function isTaken(part: Part, loss: Loss): boolean {
  if ('link' in loss) return part.kind === 'link' && part.name === loss.link;
  if ('node' in loss) return part.kind === 'node' && part.name === loss.node;
  return part.kind === 'daemon' && part.node === loss.on && names(loss.process, part.name);
}

/** The part that a fault takes away, where it is none that the lab's files tell of: a process that somebody's script starts. */
export const partOf = (loss: Loss): Part | undefined =>
  'process' in loss
    ? { kind: 'daemon', name: nameOf(loss.process), node: loss.on, isRestarted: false }
    : undefined;

/** Whether processes that match are those of a daemon: by its name, by the usual name of its PID file, or by a pattern that has its name in it. */
function names(match: ProcessMatch, daemon: string): boolean {
  if ('cmdline' in match)
    return (
      new RegExp(`(^|[^\\w-])${daemon}($|[^\\w-])`).test(match.cmdline) ||
      new RegExp(match.cmdline).test(daemon)
    );
  return nameOf(match) === daemon;
}

function nameOf(match: ProcessMatch): string {
  if ('name' in match) return match.name;
  if ('cmdline' in match) return match.cmdline;
  return match.pidfile.replace(/^.*\//, '').replace(/\.pid$/, '');
}
