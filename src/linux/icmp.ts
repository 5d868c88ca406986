import { prepareDatagrams } from './datagrams.js';
import { call } from './libc.js';
import { familyOf } from './socket-address.js';

// netinet/in.h, linux/icmp.h, linux/icmpv6.h
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const SOL_RAW = 255;
const [IPPROTO_ICMP, IPPROTO_ICMPV6] = [1, 58];
const FILTER = 1;
const types = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;

/** Bytes of an echo message before its data. */
export const ECHO_HEADER = 8;

const versionOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

/**
 * Opens a socket for echo requests in the calling thread's network namespace, not blocking; of all ICMP it gets the replies only.
 * @param address one of the version of IP that it is for
 */
export function openEcho(address: string): number {
  const version = versionOf(address);
  const protocol = version === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  const descriptor = call('socket', familyOf(address), SOCK_RAW_NONBLOCK_CLOEXEC, protocol);
  // A set bit keeps a type out.
  const filter = Buffer.alloc(version === 4 ? 4 : 32, 0xff);
  const { reply } = types[version];
  filter[reply >> 3]! &= ~(1 << (reply & 7));
  call('setsockopt', descriptor, version === 4 ? SOL_RAW : protocol, FILTER, filter, filter.length);
  prepareDatagrams(descriptor);
  return descriptor;
}

/** Makes an echo request of data that follows its header; the checksum of IPv6 is the kernel's work. */
export function writeEcho(
  view: DataView,
  {
    address,
    size,
    identifier,
    sequence,
  }: { address: string; size: number; identifier: number; sequence: number },
): void {
  const version = versionOf(address);
  view.setUint16(0, types[version].request << 8);
  view.setUint16(2, 0);
  view.setUint16(4, identifier);
  view.setUint16(6, sequence & 0xffff);
  if (version === 4) view.setUint16(2, checksum(view, ECHO_HEADER + size));
}

/** The Internet's checksum, RFC 1071. */
export function checksum(view: DataView, length: number): number {
  let sum = 0;
  for (let at = 0; at + 1 < length; at += 2) sum += view.getUint16(at);
  if (length % 2 === 1) sum += view.getUint8(length - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Where the data of a received reply starts: raw sockets of IPv4 get the IP header, those of IPv6 do not. */
export const echoData = (view: DataView, offset: number, address: string): number =>
  offset + (versionOf(address) === 4 ? (view.getUint8(offset) & 0x0f) * 4 : 0) + ECHO_HEADER;
