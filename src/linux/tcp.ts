import type { FastClock, Instant } from './clock.js';
import { call, errno, errorName, raw, SystemError } from './libc.js';
import { Memory } from './memory.js';
import {
  ADDRESS_SIZE,
  addressName,
  bindTo,
  decodeAddress,
  encodeAddress,
  familyOf,
} from './socket-address.js';

// sys/socket.h, asm-generic/socket.h, netinet/tcp.h
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const SO_TIMESTAMPNS = 35;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EINPROGRESS = 115;
const EAGAIN = 11;

function set(descriptor: number, level: number, option: number): void {
  const value = Buffer.alloc(4);
  value.writeInt32LE(1);
  call('setsockopt', descriptor, level, option, value, 4);
}

function prepare(descriptor: number): number {
  set(descriptor, SOL_SOCKET, SO_TIMESTAMPNS);
  set(descriptor, IPPROTO_TCP, TCP_NODELAY);
  return descriptor;
}

const open = (address: string) =>
  call('socket', familyOf(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

/** Opens a listening socket in the calling thread's network namespace, not blocking. */
export function listenTcp(address: string, port: number): number {
  const descriptor = open(address);
  set(descriptor, SOL_SOCKET, SO_REUSEADDR);
  bindTo(descriptor, address, port);
  call('listen', descriptor, 512);
  return descriptor;
}

/**
 * Starts connecting, from the calling thread's network namespace, without blocking.
 * @param set sets what the socket must have before
 * @returns the descriptor, or the name of the error that came at once
 */
export function connectTcp(
  address: string,
  port: number,
  set: (descriptor: number) => void = () => {},
): number | string {
  const descriptor = prepare(open(address));
  set(descriptor);
  const name = encodeAddress(address, port);
  if (raw.connect(descriptor, name, name.length) === 0 || errno() === EINPROGRESS) return descriptor;
  const error = errorName(errno());
  raw.close(descriptor);
  return error;
}

/** Takes a connection that waits at a listening socket, or nothing. */
export function acceptTcp(listener: number): number | undefined {
  const descriptor = raw.accept4(listener, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return descriptor < 0 ? undefined : prepare(descriptor);
}

/** The error that a socket has come to, by name, or nothing. */
export function socketError(descriptor: number): string | undefined {
  const value = Buffer.alloc(4);
  const length = Buffer.from([4, 0, 0, 0]);
  call('getsockopt', descriptor, SOL_SOCKET, SO_ERROR, value, length);
  const error = value.readInt32LE();
  return error === 0 ? undefined : errorName(error);
}

function nameOf(how: 'getsockname' | 'getpeername', descriptor: number): string {
  const name = Buffer.alloc(ADDRESS_SIZE);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(name.length);
  call(how, descriptor, name, length);
  return addressName(decodeAddress(name));
}

/** Both ends of a connection, as `10.0.0.1:4000 -> 10.0.0.2:80`. */
export const connectionName = (descriptor: number): string =>
  `${nameOf('getsockname', descriptor)} -> ${nameOf('getpeername', descriptor)}`;

/**
 * Writes what fits.
 * @returns bytes written; 0 where nothing fits now
 * @throws SystemError where the connection is broken
 */
export function writeTcp(descriptor: number, address: number, length: number): number {
  const written = raw.sendAt(descriptor, address, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (written >= 0) return written;
  if (errno() === EAGAIN) return 0;
  throw new SystemError('send', errno());
}

const SIZE = 1 << 16;

/** Reads from connections into one buffer, with the kernel's receive timestamp of what came last. */
export class TcpReader {
  readonly #payload = new Memory(SIZE);
  readonly #header = new Memory(4096);
  readonly #clock: FastClock;
  /** When the kernel received what was read last. */
  at: Instant = 0;

  constructor(clock: FastClock) {
    this.#clock = clock;
    const set = (at: number, value: number) => this.#header.view.setBigUint64(at, BigInt(value), true);
    // struct msghdr at 0, its vector at 64, the control buffer at 128.
    set(16, this.#header.address + 64);
    set(24, 1);
    set(32, this.#header.address + 128);
    set(64, this.#payload.address);
    set(72, SIZE);
  }

  get bytes(): Uint8Array {
    return this.#payload.bytes;
  }

  /**
   * Reads what is there.
   * @returns bytes read; 0 at the end of the stream; -1 where nothing is there now
   * @throws SystemError where the connection is broken
   */
  read(descriptor: number): number {
    this.#header.words[40 >> 2] = 64;
    const length = raw.recvmsg(descriptor, this.#header.address, MSG_DONTWAIT);
    if (length < 0) {
      if (errno() === EAGAIN) return -1;
      throw new SystemError('recv', errno());
    }
    this.#clock.synchronise();
    const { words } = this.#header;
    const isStamped = words[40 >> 2]! >= 32 && words[(128 + 12) >> 2] === SO_TIMESTAMPNS;
    this.at = isStamped
      ? this.#clock.fromWall(words[(128 + 16) >> 2]!, words[(128 + 24) >> 2]!)
      : this.#clock.now();
    return length;
  }
}
