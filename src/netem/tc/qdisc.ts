import { tc } from '../../linux/tc-command.js';

/** A queueing discipline of an interface, as `tc -j -s qdisc show` tells of it. */
export interface Qdisc {
  kind: string;
  handle: string;
  dev: string;
  root?: boolean;
  parent?: string;
  /** Parameters in force, by tc's names. */
  options?: Record<string, unknown>;
  bytes: number;
  packets: number;
  drops: number;
  overlimits: number;
  requeues: number;
  backlog: number;
  qlen: number;
}

/** The queueing disciplines of an interface, with their counters. */
export async function showQdiscs(network: string, dev: string): Promise<Qdisc[]> {
  return JSON.parse(await tc({ network }, '-j', '-s', 'qdisc', 'show', 'dev', dev)) as Qdisc[];
}
