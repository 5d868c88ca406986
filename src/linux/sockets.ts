import { Socket } from 'node:net';
import { call } from './libc.js';
import { insideNetwork } from './namespaces.js';
import { connectTcp } from './tcp.js';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;

/** Two sockets of which each gets what the other is sent, message by message; neither blocks. */
export function socketPair(): [number, number] {
  const pair = new Int32Array(2);
  call('socketpair', AF_UNIX, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0, pair);
  return [pair[0]!, pair[1]!];
}

interface Peer {
  pid: number;
  user: number;
}

function peerOf(socket: Socket): Peer {
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  const credentials = Buffer.alloc(12);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(credentials.length);
  call('getsockopt', fd, SOL_SOCKET, SO_PEERCRED, credentials, length);
  return { pid: credentials.readInt32LE(0), user: credentials.readUInt32LE(4) };
}

/** User at the other end of a local socket, by the kernel's word. */
export const getPeerUser = (socket: Socket): number => peerOf(socket).user;

/** Process at the other end of a local socket, by its PID in the caller's namespace. */
export const getPeerProcess = (socket: Socket): number => peerOf(socket).pid;

/**
 * Begins a connection to a port from a network namespace.
 * @param network path of the network namespace
 * @returns its descriptor, not blocking
 * @throws Error where that fails at once
 */
export function connectWithin(network: string, address: string, port: number): number {
  const descriptor = insideNetwork(network, () => connectTcp(address, port));
  if (typeof descriptor === 'string') throw new Error(`connect ${address} port ${port}: ${descriptor}`);
  return descriptor;
}

/** The same for Node's own protocols; what fails later on the socket says. */
export const connectFrom = (...to: Parameters<typeof connectWithin>): Socket =>
  new Socket({ fd: connectWithin(...to), readable: true, writable: true });
