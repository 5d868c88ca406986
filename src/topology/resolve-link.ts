import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { Document } from '../document/document.js';
import { unknownName } from '../document/nearest.js';
import type { Problem } from '../document/problem.js';
import type { RawLink, RawTopology } from './schema.js';
import { type LinkEnd, linkName, type TopologyLink } from './topology.js';

/** containerlab's default MTU of a link, and the first three bytes of the MACs that it makes. */
const DEFAULT_MTU = 9500;
const OUI = 'aa:c1:ab';

/** Names in a brief link that are no nodes. */
export const RESERVED = ['host', 'mgmt-net', 'macvlan'];

/** Interface names that the kernel has a use of its own for, or that break tools. */
const NO_INTERFACE = ['lo', '.', '..'];
const MAX_INTERFACE_NAME = 15;

/** Resolves one link; what is wrong with it goes to `problems`. */
export function resolveLink(
  document: Document,
  raw: RawTopology,
  index: number,
  problems: Problem[],
): TopologyLink {
  const link = raw.topology.links![index]!;
  const path = ['topology', 'links', index];
  const fail = (message: string) => problems.push(document.problem([...path, 'endpoints'], message));
  const { type, ends } = typed(link);

  ends.forEach((end, side) => {
    if (RESERVED.includes(end.node) || (type !== 'veth' && side === 1)) return;
    if (!Object.hasOwn(raw.topology.nodes, end.node)) {
      fail(unknownName('node', end.node, Object.keys(raw.topology.nodes)));
    }
    if (
      end.interface.length > MAX_INTERFACE_NAME ||
      NO_INTERFACE.includes(end.interface) ||
      end.interface.includes('/')
    ) {
      fail(
        `"${end.interface}" cannot be the name of an interface (at most ${MAX_INTERFACE_NAME} characters, no "/")`,
      );
    }
    end.mac ??= generateMac(raw.name, end);
    if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(end.mac)) fail(`not a MAC address: ${end.mac}`);
    for (const family of ['ipv4', 'ipv6'] as const) {
      const listed =
        'ipv4' in link || 'ipv6' in link
          ? (link as { ipv4?: string[]; ipv6?: string[] })[family]?.[side]
          : undefined;
      const address = end[family] ?? (listed?.trim() || undefined);
      if (address === undefined) continue;
      if (!isCidr(address, family))
        fail(`not an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address with prefix length: ${address}`);
      end[family] = address;
    }
  });
  return { type, name: linkName(ends), ends, mtu: link.mtu ?? DEFAULT_MTU, labels: link.labels ?? {} };
}

function typed(link: RawLink): { type: string; ends: [LinkEnd, LinkEnd] } {
  if (link.type === undefined) {
    const ends = link.endpoints.map(parseEnd) as [LinkEnd, LinkEnd];
    return { type: ends.map(({ node }) => node).find((node) => RESERVED.includes(node)) ?? 'veth', ends };
  }
  if (link.type === 'veth') return { type: 'veth', ends: link.endpoints.map(endOf) as [LinkEnd, LinkEnd] };
  const near = link.endpoint ? endOf(link.endpoint as RawEnd) : { node: link.type, interface: '' };
  const far = { node: link.type, interface: 'host-interface' in link ? String(link['host-interface']) : '' };
  return { type: link.type, ends: [near, far] };
}

interface RawEnd {
  node: string;
  interface: string;
  mac?: string | undefined;
  ipv4?: string | undefined;
  ipv6?: string | undefined;
}

const endOf = ({ node, interface: name, mac, ipv4, ipv6 }: RawEnd): LinkEnd => ({
  node,
  interface: name,
  ...(mac && { mac }),
  ...(ipv4 && { ipv4 }),
  ...(ipv6 && { ipv6 }),
});

function parseEnd(text: string): LinkEnd {
  const colon = text.indexOf(':');
  return { node: text.slice(0, colon), interface: text.slice(colon + 1) };
}

/** A MAC as containerlab makes them, but the same for the same interface of the same lab each time. */
function generateMac(lab: string, { node, interface: name }: LinkEnd): string {
  const digest = createHash('sha256').update(`${lab}/${node}/${name}`).digest();
  return [OUI, ...[...digest.subarray(0, 3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

function isCidr(text: string, family: 'ipv4' | 'ipv6'): boolean {
  const [address = '', length = ''] = text.split('/');
  const most = family === 'ipv4' ? 32 : 128;
  return (
    (family === 'ipv4' ? isIPv4(address) : isIPv6(address)) && /^\d+$/.test(length) && Number(length) <= most
  );
}
