import { Destination, openUdp } from './datagrams.js';
import { DescriptorSet } from './descriptor-set.js';
import { close } from './libc.js';
import { addressText } from './links.js';
import { Memory } from './memory.js';
import { type Message, NETLINK_NETFILTER, Netlink, parseAttributes } from './netlink.js';

// linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h
const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT_NEW = 0;
const IPCTNL_MSG_CT_DELETE = 2;
const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_IP_V4_SRC = 1;
const CTA_IP_V4_DST = 2;
const CTA_IP_V6_SRC = 3;
const CTA_IP_V6_DST = 4;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_SRC_PORT = 2;
const CTA_PROTO_DST_PORT = 3;

/** Multicast groups of connection tracking. */
export const CONNTRACK_GROUPS = { new: 0x1, destroy: 0x4 } as const;

/** A connection, as its first packet went. */
export interface Connection {
  event: 'new' | 'destroy';
  /** Number of the transport protocol. */
  protocol: number;
  source: string;
  destination: string;
  /** None for a protocol without ports. */
  sourcePort?: number;
  destinationPort?: number;
}

/** Reads an event of connection tracking; nothing where a message is another one. */
export function parseConnection({ type, body }: Message): Connection | undefined {
  if (type >> 8 !== NFNL_SUBSYS_CTNETLINK) return undefined;
  const kind = type & 0xff;
  if (kind !== IPCTNL_MSG_CT_NEW && kind !== IPCTNL_MSG_CT_DELETE) return undefined;
  // After struct nfgenmsg: family, version, number.
  const tuple = parseAttributes(body, 4).get(CTA_TUPLE_ORIG);
  if (!tuple) return undefined;
  const parts = parseAttributes(tuple, 0);
  const address = parseAttributes(parts.get(CTA_TUPLE_IP) ?? Buffer.alloc(0), 0);
  const transport = parseAttributes(parts.get(CTA_TUPLE_PROTO) ?? Buffer.alloc(0), 0);
  const source = address.get(CTA_IP_V4_SRC) ?? address.get(CTA_IP_V6_SRC);
  const destination = address.get(CTA_IP_V4_DST) ?? address.get(CTA_IP_V6_DST);
  const protocol = transport.get(CTA_PROTO_NUM)?.[0];
  if (!isAddress(source) || !isAddress(destination) || protocol === undefined) return undefined;
  const sourcePort = portOf(transport.get(CTA_PROTO_SRC_PORT));
  const destinationPort = portOf(transport.get(CTA_PROTO_DST_PORT));
  return {
    event: kind === IPCTNL_MSG_CT_NEW ? 'new' : 'destroy',
    protocol,
    source: addressText(source),
    destination: addressText(destination),
    ...(sourcePort !== undefined && { sourcePort }),
    ...(destinationPort !== undefined && { destinationPort }),
  };
}

const isAddress = (bytes: Buffer | undefined): bytes is Buffer => bytes?.length === 4 || bytes?.length === 16;

const portOf = (bytes: Buffer | undefined): number | undefined =>
  bytes?.length === 2 ? bytes.readUInt16BE() : undefined;

/** Whether a connection is one by which `tracksConnections` tries. */
export const isTrial = ({ destination, destinationPort }: Connection): boolean =>
  destination === LOOPBACK && destinationPort === DISCARD;

const LOOPBACK = '127.0.0.1';
/** Port of the discard service (RFC 863). */
const DISCARD = 9;
/** How long the kernel may take to tell of a datagram that a node sent to itself, milliseconds. */
const TOLD_WITHIN = 200;

/** Whether the network that the calling thread is in tracks IPv4 connections: a datagram to itself shows it. */
export function tracksConnections(): boolean {
  using netlink = new Netlink({ groups: CONNTRACK_GROUPS.new, family: NETLINK_NETFILTER });
  const set = new DescriptorSet();
  const socket = openUdp(LOOPBACK, 0);
  try {
    set.add(netlink.descriptor);
    const itself = new Destination();
    itself.set(LOOPBACK, DISCARD);
    itself.send(socket, new Memory(4096).address, 1);
    let isTold = false;
    for (const end = performance.now() + TOLD_WITHIN; !isTold && performance.now() < end; ) {
      set.wait(end - performance.now());
      netlink.receiveEach((message) => {
        const connection = parseConnection(message);
        isTold ||= connection !== undefined && isTrial(connection);
      });
    }
    return isTold;
  } finally {
    close(socket);
    set.close();
  }
}
