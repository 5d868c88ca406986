import { addressText } from './links.js';
import { type Message, type Netlink, parseAttributes } from './netlink.js';

// linux/rtnetlink.h
const RTM_GETROUTE = 26;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_MULTIPATH = 9;
const RTA_TABLE = 15;
const RT_TABLE_MAIN = 254;
const AF_INET = 2;
const AF_INET6 = 10;
const RTN_UNICAST = 1;

/** Multicast groups of rtnetlink: links, addresses and routes of IPv4 and IPv6. */
export const GROUPS = { link: 0x1, addresses: 0x10 | 0x100, routes: 0x40 | 0x400 } as const;

/** One way to go on from a route. */
export interface NextHop {
  /** Interface index; 0 where it has none. */
  device: number;
  gateway?: string;
}

/** A route. */
export interface Route {
  /** Routing table that it is in. */
  table: number;
  /** `10.2.0.0/24`; the default route is `0.0.0.0/0` or `::/0`. */
  prefix: string;
  /** The lower, the better. */
  metric: number;
  /** False for a blackhole, an unreachable or a prohibit route. */
  forwards: boolean;
  hops: NextHop[];
}

/** Reads a route message; nothing for another family. */
export function parseRoute({ body }: Message): Route | undefined {
  const family = body[0];
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const attributes = parseAttributes(body, 12);
  const table = attributes.get(RTA_TABLE)?.readUInt32LE() ?? body[4]!;
  const destination = attributes.get(RTA_DST) ?? Buffer.alloc(family === AF_INET ? 4 : 16);
  const multipath = attributes.get(RTA_MULTIPATH);
  return {
    table,
    prefix: `${addressText(destination)}/${body[1]}`,
    metric: attributes.get(RTA_PRIORITY)?.readUInt32LE() ?? 0,
    forwards: body[7] === RTN_UNICAST,
    hops: multipath ? parseHops(multipath) : [hop(attributes, attributes.get(RTA_OIF)?.readUInt32LE() ?? 0)],
  };
}

function hop(attributes: Map<number, Buffer>, device: number): NextHop {
  const gateway = attributes.get(RTA_GATEWAY);
  return { device, ...(gateway && { gateway: addressText(gateway) }) };
}

/** struct rtnexthop: length (16), flags (8), hops (8), interface index (32), attributes. */
function parseHops(value: Buffer): NextHop[] {
  const hops: NextHop[] = [];
  for (let at = 0; at + 8 <= value.length; ) {
    const length = value.readUInt16LE(at);
    if (length < 8) break;
    hops.push(hop(parseAttributes(value.subarray(at, at + length), 8), value.readUInt32LE(at + 4)));
    at += (length + 3) & ~3;
  }
  return hops;
}

/** All routes of a table, the main one unless said, both families. */
export const listRoutes = (netlink: Netlink, table = RT_TABLE_MAIN): Route[] =>
  [AF_INET, AF_INET6].flatMap((family) => {
    const body = Buffer.alloc(12);
    body.writeUInt8(family, 0);
    return netlink
      .dump({ type: RTM_GETROUTE, body })
      .map(parseRoute)
      .filter((route) => route !== undefined)
      .filter((route) => route.table === table);
  });
