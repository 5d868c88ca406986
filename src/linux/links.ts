import {
  attribute,
  type Message,
  type Netlink,
  NLM_F_CREATE,
  NLM_F_EXCL,
  nested,
  parseAttributes,
  type Request,
  text,
  textOf,
  u32,
} from './netlink.js';

// linux/rtnetlink.h, linux/if_link.h, linux/veth.h, net/if.h
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
const RTM_NEWSTATS = 92;
const RTM_GETSTATS = 94;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_MASTER = 10;
const IFLA_TXQLEN = 13;
const IFLA_LINKINFO = 18;
const IFLA_AF_SPEC = 26;
const IFLA_NET_NS_FD = 28;
const IFLA_CARRIER = 33;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFF_UP = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** One end of a veth pair. */
export interface VethEnd {
  name: string;
  /** File descriptor of the network namespace to put it in. */
  namespace: number;
  /** Interface index to ask for; 0 lets the kernel choose. */
  index?: number;
  /** Six bytes. */
  mac?: Uint8Array;
  mtu: number;
}

/** What the kernel says of an interface. */
export interface LinkState {
  index: number;
  name: string;
  up: boolean;
  carrier: boolean;
  mac: string;
  mtu: number;
}

/** An address of an interface. */
export interface InterfaceAddress {
  index: number;
  family: 4 | 6;
  address: string;
  prefixLength: number;
  /** 0 global, 253 link, 254 host. */
  scope: number;
}

/** Packets that an interface received and sent since it exists. */
export interface LinkCounters {
  index: number;
  received: number;
  sent: number;
}

function linkHeader({ index = 0, flags = 0, change = 0 } = {}): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(flags, 8);
  header.writeUInt32LE(change, 12);
  return header;
}

const endAttributes = ({ name, namespace, mac, mtu }: VethEnd): Buffer[] => [
  text(IFLA_IFNAME, name),
  u32(IFLA_MTU, mtu),
  u32(IFLA_NET_NS_FD, namespace),
  ...(mac ? [attribute(IFLA_ADDRESS, mac)] : []),
];

/** Creates a veth pair with each end directly in its namespace. */
export function createVeth(near: VethEnd, far: VethEnd): Request {
  const peer = nested(VETH_INFO_PEER, linkHeader({ index: far.index ?? 0 }), ...endAttributes(far));
  return {
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: Buffer.concat([
      linkHeader({ index: near.index ?? 0 }),
      ...endAttributes(near),
      nested(IFLA_LINKINFO, text(IFLA_INFO_KIND, 'veth'), nested(IFLA_INFO_DATA, peer)),
    ]),
  };
}

/** Creates a bridge in the socket's namespace. */
export const createBridge = (name: string): Request => ({
  type: RTM_NEWLINK,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  body: Buffer.concat([
    linkHeader(),
    text(IFLA_IFNAME, name),
    nested(IFLA_LINKINFO, text(IFLA_INFO_KIND, 'bridge')),
  ]),
});

/** Makes an interface a port of a bridge. */
export const setMaster = (index: number, master: number): Request => ({
  type: RTM_NEWLINK,
  body: Buffer.concat([linkHeader({ index }), u32(IFLA_MASTER, master)]),
});

/** Sets an interface administratively up or down. */
export const setUp = (index: number, up: boolean): Request => ({
  type: RTM_NEWLINK,
  body: linkHeader({ index, flags: up ? IFF_UP : 0, change: IFF_UP }),
});

/** Sets a TAP up, with a queue of so many packets and without addresses that it would make for itself. */
export const setUpTap = (index: number, { mtu, queue }: { mtu: number; queue: number }): Request => ({
  type: RTM_NEWLINK,
  body: Buffer.concat([
    linkHeader({ index, flags: IFF_UP, change: IFF_UP }),
    u32(IFLA_MTU, mtu),
    u32(IFLA_TXQLEN, queue),
    nested(IFLA_AF_SPEC, nested(AF_INET6, attribute(IFLA_INET6_ADDR_GEN_MODE, Buffer.from([1])))),
  ]),
});

/** Deletes an interface; a veth takes its other end along. */
export const deleteLink = (index: number): Request => ({ type: RTM_DELLINK, body: linkHeader({ index }) });

/** Gives an interface an address, `192.0.2.1` or `2001:db8::1`. */
export function addAddress(index: number, address: string, prefixLength: number): Request {
  const bytes = addressBytes(address);
  const header = Buffer.alloc(8);
  header.writeUInt8(bytes.length === 4 ? AF_INET : AF_INET6, 0);
  header.writeUInt8(prefixLength, 1);
  header.writeUInt32LE(index, 4);
  return {
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: Buffer.concat([header, attribute(IFA_LOCAL, bytes), attribute(IFA_ADDRESS, bytes)]),
  };
}

/** Reads an interface's state out of a link message. */
export function linkState(message: Message): LinkState {
  const attributes = parseAttributes(message.body, 16);
  const mac = attributes.get(IFLA_ADDRESS);
  return {
    index: message.body.readInt32LE(4),
    name: textOf(attributes.get(IFLA_IFNAME)) ?? '',
    up: (message.body.readUInt32LE(8) & IFF_UP) !== 0,
    carrier: attributes.get(IFLA_CARRIER)?.[0] === 1,
    mac: mac ? [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':') : '',
    mtu: attributes.get(IFLA_MTU)?.readUInt32LE() ?? 0,
  };
}

/** All interfaces of the socket's namespace. */
export const listLinks = (netlink: Netlink): LinkState[] =>
  netlink.dump({ type: RTM_GETLINK, body: linkHeader() }).map(linkState);

/** All addresses of the socket's namespace. */
export const listAddresses = (netlink: Netlink): InterfaceAddress[] =>
  netlink.dump({ type: RTM_GETADDR, body: Buffer.alloc(8) }).flatMap(({ body }) => {
    const attributes = parseAttributes(body, 8);
    const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
    if (!bytes) return [];
    return {
      index: body.readUInt32LE(4),
      family: body[0] === AF_INET ? (4 as const) : (6 as const),
      address: addressText(bytes),
      prefixLength: body[1]!,
      scope: body[3]!,
    };
  });

/** Packet counters of all interfaces of the socket's namespace. */
export function listCounters(netlink: Netlink): LinkCounters[] {
  const IFLA_STATS_LINK_64 = 1;
  const header = Buffer.alloc(12);
  header.writeUInt32LE(1 << (IFLA_STATS_LINK_64 - 1), 8);
  return netlink
    .dump({ type: RTM_GETSTATS, body: header })
    .filter(({ type }) => type === RTM_NEWSTATS)
    .map(({ body }) => {
      const stats = parseAttributes(body, 12).get(IFLA_STATS_LINK_64);
      return {
        index: body.readUInt32LE(4),
        received: Number(stats?.readBigUInt64LE(0) ?? 0n),
        sent: Number(stats?.readBigUInt64LE(8) ?? 0n),
      };
    });
}

/** Bytes of an address in network order: four or sixteen. Throws on anything else. */
export function addressBytes(address: string): Buffer {
  if (!address.includes(':')) {
    const parts = address.split('.').map(Number);
    if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) {
      throw new TypeError(`not an IP address: ${address}`);
    }
    return Buffer.from(parts);
  }
  const [head = '', tail] = address.split('::');
  const groups = (part: string) =>
    (part === '' ? [] : part.split(':')).map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const filled = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  const bytes = Buffer.alloc(16);
  filled.forEach((group, position) => void bytes.writeUInt16BE(group, position * 2));
  return bytes;
}

/** An address in its usual spelling; the URL parser knows how IPv6 is shortened. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[at * 2]! << 8) | bytes[at * 2 + 1]!).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
