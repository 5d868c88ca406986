import { call, errno, raw, SystemError } from './libc.js';
import { Memory } from './memory.js';

// asm-generic/socket.h, netinet/tcp.h
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SO_MAX_PACING_RATE = 47;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const TCP_USER_TIMEOUT = 18;
const TCP_NOTSENT_LOWAT = 25;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const EAGAIN = 11;

/** What the kernel lets a connection's buffers grow to by itself (tcp_wmem, tcp_rmem), bytes. */
const SEND_BUFFER = 4 << 20;
const RECEIVE_BUFFER = 6 << 20;

function setWord(descriptor: number, level: number, option: number, value: number): void {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  call('setsockopt', descriptor, level, option, buffer, 4);
}

/**
 * Gives a socket full buffers from the start, so that a thread that comes late to fill or to empty them does not slow its connection down.
 * A listening socket's connections have them as well.
 */
export function widenBuffers(descriptor: number): void {
  setWord(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER);
  setWord(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
}

/** Has the kernel pace what a socket sends: bits of data a second. */
export function paceTo(descriptor: number, rate: number): void {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(BigInt(Math.max(1, Math.round(rate / 8))));
  call('setsockopt', descriptor, SOL_SOCKET, SO_MAX_PACING_RATE, value, 8);
}

/** Has a socket take no more data while so many bytes wait to be sent for the first time. */
export const limitUnsent = (descriptor: number, bytes: number): void =>
  setWord(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes);

/** Ends a connection that waits for an acknowledgement for so long, nanoseconds (RFC 5482). */
export const setUserTimeout = (descriptor: number, timeout: number): void =>
  setWord(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, Math.max(1, Math.round(timeout / 1e6)));

/** More than a receive buffer holds. */
const EVERYTHING = 1 << 30;

/**
 * Takes all that a connection has received and throws it away, without copying it.
 * @returns bytes; 0 at the end of the stream; -1 where nothing is there now
 * @throws SystemError where the connection is broken
 */
export const discardTcp = (descriptor: number): number =>
  receive(descriptor, null, EVERYTHING, MSG_TRUNC | MSG_DONTWAIT);

/** Reads into a buffer, no more than it holds; results as of `discardTcp`. */
export const readTcp = (descriptor: number, buffer: Uint8Array): number =>
  receive(descriptor, buffer, buffer.length, MSG_DONTWAIT);

function receive(descriptor: number, buffer: Uint8Array | null, size: number, flags: number): number {
  const length = raw.recv(descriptor, buffer, size, flags);
  if (length >= 0) return length;
  if (errno() === EAGAIN) return -1;
  throw new SystemError('recv', errno());
}

/** What the kernel says of the sending side of a connection; sums since it came about. */
export interface SenderState {
  /** Bytes of data that were transmitted, each time counted. */
  sent: number;
  /** Of these, how many were transmitted again. */
  resent: number;
  /** Segments that were transmitted again. */
  retransmissions: number;
  /** Smoothed round-trip time, nanoseconds; 0 where nothing was acknowledged yet. */
  rtt: number;
}

/** Reads TCP_INFO (struct tcp_info of linux/tcp.h; Linux 4.19 has all of this). */
export class SenderInfo {
  readonly #memory = new Memory(4096);
  readonly #length = Buffer.alloc(4);

  read(descriptor: number): SenderState {
    const { bytes, view } = this.#memory;
    this.#length.writeUInt32LE(256);
    call('getsockopt', descriptor, IPPROTO_TCP, TCP_INFO, bytes, this.#length);
    if (this.#length.readUInt32LE() < 216)
      throw new Error('this kernel does not count the bytes that TCP sends (Linux 4.19)');
    return {
      sent: Number(view.getBigUint64(200, true)),
      resent: Number(view.getBigUint64(208, true)),
      retransmissions: view.getUint32(100, true),
      rtt: view.getUint32(68, true) * 1000,
    };
  }
}
