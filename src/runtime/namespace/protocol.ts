import type { Command, CommandOutcome, NodeProcess } from '../runtime.js';
import type { LabPlan } from './plan.js';

/** Two CLOCK_MONOTONIC readings in nanoseconds, as decimal digits. */
export interface MonotonicBracket {
  before: string;
  after: string;
}

/** Where a node can be reached by this machine's own processes, as descriptors of the supervisor. */
export interface NodeHandles {
  network: number;
  root: number;
  /** Name of its PID namespace, as /proc/PID/ns/pid shows it. */
  pidNamespace: string;
}

/** A lab as its supervisor describes it. */
export interface LabDescription {
  plan: LabPlan;
  /** Nodes that have power. */
  nodes: Record<string, NodeHandles>;
  panel: { network: number; indexes: Record<string, [number, number]> };
  /** Folder with a console log for each node, as the supervisor sees it. */
  consoles: string;
  /** Start of the deployment and its end, CLOCK_MONOTONIC. */
  deployed?: MonotonicBracket;
}

/** Parameters of `exec`. */
export interface ExecRequest extends Command {
  node: string;
}

/** What came of a command in a node. */
export type ExecOutcome = Omit<CommandOutcome, keyof MonotonicBracket> & MonotonicBracket;

/** What came of a signal to processes. */
export type SignalOutcome = MonotonicBracket & { processes: NodeProcess[] };

/** Name of the socket, in the kernel's abstract name space: it is gone with its supervisor. */
export const socketName = (lab: string): string => `\0faildrill/lab/${lab}`;

/** Bytes that the name of a lab has room for in that of its socket, unix(7). */
export const MOST_NAME = 108 - socketName('').length;
