import type { Bind, StageName, Topology, TopologyNode } from '../../topology/topology.js';

/** What the supervisor has to build: plain data, every decision made. */
export interface LabPlan {
  name: string;
  /** What it was planned from, for whoever joins the running lab. */
  topology: TopologyData;
  /** Folders and files of the machine that no node may see. */
  hidden: string[];
  nodes: NodePlan[];
  links: LinkPlan[];
}

/** A topology as plain data. */
export interface TopologyData extends Omit<Topology, 'nodes'> {
  nodes: TopologyNode[];
}

export interface NodePlan {
  name: string;
  hostname: string;
  image: string;
  /** A bridge node has a bridge of its own name, with its links' ends as ports. */
  bridge: boolean;
  /** What its first process runs. */
  argv: string[];
  env: Record<string, string>;
  user?: string;
  /** Folders that start empty, so that the machine's own configuration is not the node's. */
  emptied: string[];
  binds: Bind[];
  sysctls: Record<string, string>;
  /** Lines of /etc/resolv.conf, or nothing to keep the machine's. */
  resolver?: string;
  /** Commands to run when the node is up, in order. */
  exec: string[][];
  /** Nanoseconds. */
  startupDelay: number;
  stages: Record<StageName, StagePlan>;
  healthCheck?: { argv: string[]; interval: number; timeout: number; retries: number; startPeriod: number };
}

export interface StagePlan {
  waitFor: { node: string; stage: StageName }[];
  enter: string[][];
  exit: string[][];
}

export interface LinkPlan {
  name: string;
  mtu: number;
  ends: [EndPlan, EndPlan];
}

export interface EndPlan {
  /** Node's name; nothing for an end in the machine's own network namespace. */
  node?: string;
  interface: string;
  mac: string;
  ipv4?: string;
  ipv6?: string;
}
