/** A lab's topology, resolved: inheritance done, paths absolute, defaults filled in. */
export interface Topology {
  name: string;
  /** containerlab's prefix of container names; `clab` unless set. */
  prefix: string;
  /** Absolute path of the topology file. */
  file: string;
  /** What it says, with its variables filled in. */
  text: string;
  nodes: ReadonlyMap<string, TopologyNode>;
  links: readonly TopologyLink[];
}

/** A file or folder of the machine that a node sees at a path of its own. */
export interface Bind {
  /** Absolute path on the machine. */
  source: string;
  /** What the path is written from: the topology file, the home directory, or the machine's root. */
  from: 'topology' | 'home' | 'root';
  /** Absolute path in the node. */
  target: string;
  readOnly: boolean;
}

/** Stages of a node's start, in order; other nodes can wait for them. */
export const STAGES = ['create', 'create-links', 'configure', 'healthy', 'exit'] as const;
export type StageName = (typeof STAGES)[number];

/** What a stage waits for and runs. */
export interface Stage {
  waitFor: { node: string; stage: StageName }[];
  exec: { command: string; phase: 'on-enter' | 'on-exit'; target: 'container' | 'host' }[];
}

/** A command that tells whether a node is healthy, as Docker defines it; times in nanoseconds. */
export interface HealthCheck {
  test: string[];
  interval: number;
  timeout: number;
  retries: number;
  startPeriod: number;
}

export interface TopologyNode {
  name: string;
  kind: string;
  image?: string;
  hostname: string;
  /** As written, not yet split into arguments. */
  entrypoint?: string;
  cmd?: string;
  user?: string;
  env: Record<string, string>;
  /** Absolute paths of the files that `env` comes from too. */
  envFiles: string[];
  binds: Bind[];
  exec: string[];
  sysctls: Record<string, string>;
  labels: Record<string, string>;
  /** Nanoseconds. */
  startupDelay: number;
  stages: Record<StageName, Stage>;
  healthCheck?: HealthCheck;
  dns: { servers: string[]; search: string[]; options: string[] };
  networkMode?: string;
  /** Set keys that only containers have a meaning for. */
  containerOnly: string[];
}

/** One end of a link: an interface of a node. */
export interface LinkEnd {
  node: string;
  interface: string;
  mac?: string;
  /** CIDR. */
  ipv4?: string;
  /** CIDR. */
  ipv6?: string;
}

export interface TopologyLink {
  /** containerlab's link type; brief links are `veth` or what their special node says. */
  type: string;
  /** `branch:eth1 <-> isp1:eth1`, as in the file; how scenarios name it. */
  name: string;
  ends: [LinkEnd, LinkEnd];
  mtu: number;
  labels: Record<string, string>;
}

/** How an end is written; that of a link to no node, as one of type vxlan, has no interface. */
export const endName = (end: { node: string; interface: string }): string =>
  end.interface === '' ? end.node : `${end.node}:${end.interface}`;

/** How a link is written. */
export const linkName = ([a, b]: readonly [LinkEnd, LinkEnd]): string => `${endName(a)} <-> ${endName(b)}`;

/**
 * Finds a link by its name, either way round, with or without blanks round the arrow.
 * @returns the link, and whether it was named the other way round than the topology has it
 */
export function findLink(
  links: readonly TopologyLink[],
  name: string,
): { link: TopologyLink; reversed: boolean } | undefined {
  const [a, b] = name.split('<->').map((end) => end.trim());
  for (const link of links) {
    const [near, far] = link.ends.map(endName);
    if (near === a && far === b) return { link, reversed: false };
    if (near === b && far === a) return { link, reversed: true };
  }
  return undefined;
}

/** Label of links that nothing confidential may pass in plaintext; its value is "true". */
export const TRANSIT = 'transit';

/** Whether a link is one of somebody else's network, labelled so. */
export const isTransit = ({ links }: Topology, name: string): boolean =>
  links.find((link) => link.name === name)?.labels[TRANSIT] === 'true';
