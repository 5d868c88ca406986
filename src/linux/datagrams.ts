import type { FastClock, Instant } from './clock.js';
import { call, errno, raw } from './libc.js';
import { Memory } from './memory.js';
import { ADDRESS_SIZE, bindTo, encodeAddress, familyOf } from './socket-address.js';

// sys/socket.h, asm-generic/socket.h
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SO_RCVBUF = 8;
const SO_TIMESTAMPNS = 35;
const SO_RXQ_OVFL = 40;
// netinet/in.h
const [IPPROTO_IP, IP_TOS] = [0, 1];
const [IPPROTO_IPV6, IPV6_TCLASS] = [41, 67];
const MSG_DONTWAIT = 0x40;
const RECEIVE_BUFFER = 8 << 20;

function enable(descriptor: number, option: number, value: number): boolean {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return raw.setsockopt(descriptor, SOL_SOCKET, option, buffer, 4) === 0;
}

/**
 * Opens a UDP socket in the calling thread's network namespace, bound, not blocking, with the kernel's receive timestamps and its count of
 * packets that it dropped.
 * @param dscp class of service of what it sends
 * @returns its descriptor
 * @throws SystemError where the port is in use
 */
export function openUdp(address: string, port: number, dscp = 0): number {
  const descriptor = call('socket', familyOf(address), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (dscp > 0) markTraffic(descriptor, address, dscp);
  bindTo(descriptor, address, port);
  prepareDatagrams(descriptor);
  return descriptor;
}

function markTraffic(descriptor: number, address: string, dscp: number): void {
  const value = Buffer.alloc(4);
  value.writeInt32LE(dscp << 2);
  const [level, option] = address.includes(':') ? [IPPROTO_IPV6, IPV6_TCLASS] : [IPPROTO_IP, IP_TOS];
  call('setsockopt', descriptor, level, option, value, value.length);
}

/** Has a socket give the kernel's receive timestamps and its count of packets that it dropped, and makes room for what waits. */
export function prepareDatagrams(descriptor: number): void {
  enable(descriptor, SO_TIMESTAMPNS, 1);
  enable(descriptor, SO_RXQ_OVFL, 1);
  makeRoom(descriptor);
}

/** Makes room for what waits at a socket; without the privilege, as much as the machine grants. */
export function makeRoom(descriptor: number): void {
  if (!enable(descriptor, SO_RCVBUFFORCE, RECEIVE_BUFFER)) enable(descriptor, SO_RCVBUF, RECEIVE_BUFFER);
}

/** Where to send: an address in memory of its own, to be filled from text or from what a packet came from. */
export class Destination {
  readonly #memory = new Memory(4096);
  #length = 0;

  get known(): boolean {
    return this.#length > 0;
  }

  set(address: string, port: number): void {
    const bytes = encodeAddress(address, port);
    this.#memory.bytes.set(bytes);
    this.#length = bytes.length;
  }

  /** Takes over an address out of a received packet. */
  copy(from: Uint8Array, offset: number, length: number): void {
    for (let at = 0; at < length; at++) this.#memory.bytes[at] = from[offset + at]!;
    this.#length = length;
  }

  get bytes(): Uint8Array {
    return this.#memory.bytes.subarray(0, this.#length);
  }

  /** Sends a packet. Returns 0, or the error's number. */
  send(descriptor: number, packet: number, length: number): number {
    const sent = raw.sendto(descriptor, packet, length, MSG_DONTWAIT, this.#memory.address, this.#length);
    return sent < 0 ? errno() : 0;
  }
}

/** What a reader hands over for each packet; offsets are into its `packets` and `sources`. */
export type Received = (packet: {
  /** Where its payload starts. */
  offset: number;
  length: number;
  /** When the kernel received it. */
  at: Instant;
  /** Where its source address starts, and its length. */
  source: number;
  sourceLength: number;
}) => void;

const BATCH = 64;
const SLOT = 2048;
const CONTROL = 128;
const MMSGHDR = 64;
const SCM_TIMESTAMPNS = SO_TIMESTAMPNS;

/** Reads packets in batches (recvmmsg) with their kernel timestamps. One serves all sockets of a thread. */
export class DatagramReader {
  readonly #headers = new Memory(BATCH * MMSGHDR);
  readonly #vectors = new Memory(BATCH * 16);
  readonly #controls = new Memory(BATCH * CONTROL);
  readonly #names = new Memory(BATCH * 32);
  readonly #payloads = new Memory(BATCH * SLOT);
  readonly #clock: FastClock;
  readonly #packet = { offset: 0, length: 0, at: 0, source: 0, sourceLength: 0 };
  readonly #drops = new Map<number, number>();

  constructor(clock: FastClock) {
    this.#clock = clock;
    for (let slot = 0; slot < BATCH; slot++) {
      const header = slot * MMSGHDR;
      const set = (at: number, value: number) =>
        this.#headers.view.setBigUint64(header + at, BigInt(value), true);
      set(0, this.#names.address + slot * 32);
      set(16, this.#vectors.address + slot * 16);
      set(24, 1);
      set(32, this.#controls.address + slot * CONTROL);
      this.#vectors.view.setBigUint64(slot * 16, BigInt(this.#payloads.address + slot * SLOT), true);
      this.#vectors.view.setBigUint64(slot * 16 + 8, BigInt(SLOT), true);
    }
  }

  /** Payloads of the packets. */
  get packets(): DataView {
    return this.#payloads.view;
  }

  /** Source addresses of the packets. */
  get sources(): Uint8Array {
    return this.#names.bytes;
  }

  /** Packets that the kernel dropped at a socket because its buffer was full. */
  droppedAt(descriptor: number): number {
    return this.#drops.get(descriptor) ?? 0;
  }

  /** Hands over everything that waits at a socket. */
  drain(descriptor: number, receive: Received): void {
    for (;;) {
      for (let slot = 0; slot < BATCH; slot++) {
        this.#headers.words[(slot * MMSGHDR + 8) >> 2] = ADDRESS_SIZE;
        this.#headers.words[(slot * MMSGHDR + 40) >> 2] = CONTROL;
      }
      const count = raw.recvmmsg(descriptor, this.#headers.address, BATCH, MSG_DONTWAIT, 0);
      if (count <= 0) return;
      this.#clock.synchronise();
      for (let slot = 0; slot < count; slot++) this.#hand(descriptor, slot, receive);
      if (count < BATCH) return;
    }
  }

  #hand(descriptor: number, slot: number, receive: Received): void {
    const { words } = this.#headers;
    const packet = this.#packet;
    packet.offset = slot * SLOT;
    packet.length = words[(slot * MMSGHDR + 56) >> 2]!;
    packet.source = slot * 32;
    packet.sourceLength = words[(slot * MMSGHDR + 8) >> 2]!;
    packet.at = 0;
    const control = this.#controls.words;
    const end = slot * CONTROL + words[(slot * MMSGHDR + 40) >> 2]!;
    for (let at = slot * CONTROL; at + 16 <= end; ) {
      const word = at >> 2;
      const length = control[word]!;
      if (length < 16) break;
      const type = control[word + 3]!;
      if (type === SCM_TIMESTAMPNS) packet.at = this.#clock.fromWall(control[word + 4]!, control[word + 6]!);
      else if (type === SO_RXQ_OVFL) this.#drops.set(descriptor, control[word + 4]!);
      at += (length + 7) & ~7;
    }
    receive(packet);
  }
}
