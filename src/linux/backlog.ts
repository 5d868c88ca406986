import type { Socket } from 'node:dgram';
import { makeRoom } from './datagrams.js';
import { call } from './libc.js';

// asm-generic/socket.h
const SOL_SOCKET = 1;
const SO_MEMINFO = 55;
// linux/sock_diag.h: places in what SO_MEMINFO gives, of 32 bits each
const SK_MEMINFO_RMEM_ALLOC = 0;
const SK_MEMINFO_DROPS = 8;
const FIELDS = 9;

/** What waits at a socket. */
export interface Backlog {
  /** Memory of the datagrams that were not read yet, bytes. */
  waiting: number;
  /** Datagrams that the kernel dropped because there was no room for them; since the socket was opened. */
  dropped: number;
}

const descriptorOf = (socket: Socket): number =>
  (socket as unknown as { _handle: { fd: number } })._handle.fd;

/** Makes as much room for what waits at a socket of Node as a probe's has, beyond what the machine grants without privileges. */
export const makeRoomAt = (socket: Socket): void => makeRoom(descriptorOf(socket));

/** What waits at a socket of Node that is bound. */
export function backlogOf(socket: Socket): Backlog {
  const fields = new Uint32Array(FIELDS);
  const length = Uint32Array.of(fields.byteLength);
  call('getsockopt', descriptorOf(socket), SOL_SOCKET, SO_MEMINFO, fields, length);
  return { waiting: fields[SK_MEMINFO_RMEM_ALLOC]!, dropped: fields[SK_MEMINFO_DROPS]! };
}
