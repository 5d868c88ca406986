import { createHash } from 'node:crypto';
import { isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import type { LinkEnd, Topology, TopologyLink, TopologyNode } from '../../topology/topology.js';

/** Settings that a container has where Docker has made its machine forward and containerlab has made its networks. */
const SYSCTLS: Record<string, string> = {
  'net.ipv4.ip_forward': '1',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.default.rp_filter': '0',
};

/** Variable of a node: how many addresses it gets from the topology, which is after it has started. Its entrypoint may wait for them. */
const ADDRESSES = 'LAB_ADDRESSES';

/** The image that makes a bridge inside the lab. */
const BRIDGE_IMAGE = 'faildrill/host';

/** Name of the interface that a link's end has on the machine: at most 15 characters, the same each time. */
export const portName = (lab: string, { node, interface: name }: LinkEnd): string =>
  `fd${createHash('sha256').update(`${lab}/${node}/${name}`).digest('hex').slice(0, 12)}`;

/** Kinds whose nodes faildrill gives their addresses. */
const OURS = ['linux', 'bridge'];

/** Whether a link passes faildrill's ports: one between two nodes. */
export const isSpliced = ({ type }: TopologyLink): boolean => type === 'veth';

/** Whether a node's own network namespace is shared with somebody else. */
const isShared = ({ networkMode = '' }: TopologyNode) =>
  networkMode === 'host' || networkMode.startsWith('container:');

/**
 * The topology that containerlab is given: the user's own, with each link between two nodes as two links to the machine, which faildrill
 * then joins. So a line can go dead, or swallow packets, without either node's interface being touched.
 * @param options.skipManagementNetwork makes no management network where no node uses it
 */
export function deriveTopology(
  topology: Topology,
  { skipManagementNetwork }: { skipManagementNetwork: boolean },
): string {
  const document = parseDocument(topology.text);
  const raw = document.get('topology') as YAMLMap;
  // containerlab takes no node without a kind.
  if (document.getIn(['topology', 'defaults', 'kind']) === undefined)
    document.setIn(['topology', 'defaults', 'kind'], 'linux');
  if (skipManagementNetwork && document.getIn(['mgmt', 'skip-when-unused']) === undefined)
    document.setIn(['mgmt', 'skip-when-unused'], true);

  const nodes = raw.get('nodes') as YAMLMap;
  for (const node of topology.nodes.values()) {
    if (node.kind === 'bridge') nodes.set(node.name, document.createNode(bridgeNode(node, topology)));
    else if (node.kind === 'linux') {
      if (!isMap(nodes.get(node.name))) nodes.set(node.name, document.createNode({}));
      const own = nodes.get(node.name) as YAMLMap;
      const addresses = addressCommands(node, topology);
      // Addresses first: the node's own commands may need them.
      if (addresses.length > 0) {
        own.set('exec', document.createNode([atOnce(addresses), ...node.exec]));
        document.setIn(['topology', 'nodes', node.name, 'env', ADDRESSES], String(addresses.length));
      }
      // What ended by itself must not come back before anybody has seen it.
      if (own.get('restart-policy') === undefined) own.set('restart-policy', 'no');
      if (!isShared(node)) own.set('sysctls', document.createNode({ ...SYSCTLS, ...node.sysctls }));
    }
  }

  const links = raw.get('links') as YAMLSeq | undefined;
  if (isSeq(links)) {
    links.items = topology.links.flatMap((link, index) =>
      isSpliced(link)
        ? link.ends.map((end) => document.createNode(hostLink(topology, link, end)))
        : [links.items[index]],
    );
  }
  return document.toString();
}

function hostLink({ name, nodes }: Topology, { mtu }: TopologyLink, end: LinkEnd) {
  const { node, interface: interface_, mac, ipv4, ipv6 } = end;
  // Those of Linux nodes are given by commands; a few vendors' kinds take them from here.
  const addresses = OURS.includes(nodes.get(node)?.kind ?? '') ? {} : { ipv4, ipv6 };
  return {
    type: 'host',
    endpoint: { node, interface: interface_, mac, ...addresses },
    'host-interface': portName(name, end),
    mtu,
  };
}

/** One command instead of several: each takes Docker about 100 ms to start, and containerlab runs a node's one after the other. */
const atOnce = (commands: readonly string[]): string =>
  commands.length === 1 ? commands[0]! : `sh -c '${commands.join(' && ')}'`;

/** containerlab gives addresses to a few kinds only. */
const addressCommands = ({ name }: TopologyNode, { links }: Topology): string[] =>
  links
    .filter(isSpliced)
    .flatMap(({ ends }) => ends)
    .filter((end) => end.node === name)
    .flatMap((end) =>
      [end.ipv4, end.ipv6]
        .filter((address) => address !== undefined)
        .map((address) => `ip address add ${address} dev ${end.interface}`),
    );

/** A bridge inside the lab, as on the namespace runtime; containerlab's own would have to be on the machine already. */
function bridgeNode({ name }: TopologyNode, { links }: Topology) {
  const ports = links.flatMap(({ ends }) => ends).filter((end) => end.node === name);
  return {
    kind: 'linux',
    image: BRIDGE_IMAGE,
    'network-mode': 'none',
    'restart-policy': 'no',
    exec: [
      `ip link add ${name} type bridge`,
      `ip link set ${name} up`,
      ...ports.map((port) => `ip link set ${port.interface} master ${name}`),
    ],
  };
}
