import { call, close, errno, raw, SystemError } from './libc.js';
import { Memory } from './memory.js';
import { connectWithin } from './sockets.js';

// sys/socket.h, sys/un.h, asm-generic/errno.h
const AF_UNIX = 1;
const SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const EAGAIN = 11;
const EINTR = 4;
/** Longest path that a socket's address has room for, with the zero at its end. */
const LONGEST_PATH = 108;

const SIZE = 1 << 16;
const VECTOR = 64;
const CONTROL = 128;
const CONTROL_SIZE = 256;

/** Where reads go to, for all streams of a thread: mapped memory is never given back. */
let memory: Memory | undefined;

function receiveMemory(): Memory {
  if (memory) return memory;
  memory = new Memory(SIZE + 4096);
  const set = (at: number, value: number) => memory!.view.setBigUint64(at, BigInt(value), true);
  // struct msghdr at 0: its vector, how many, where control messages go.
  set(16, memory.address + VECTOR);
  set(24, 1);
  set(32, memory.address + CONTROL);
  set(VECTOR, memory.address + 4096);
  set(VECTOR + 8, SIZE);
  return memory;
}

/** A connection that does not block. Of a socket that keeps messages apart, each read gives one. */
export class ByteStream {
  readonly descriptor: number;
  readonly #passed: number[] = [];

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** Writes all; a daemon that takes no more than a few requests is as good as gone. */
  write(bytes: Uint8Array): void {
    const sent = raw.send(this.descriptor, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) throw new SystemError('send', errno());
    if (sent < bytes.length) throw new Error('the other end does not read');
  }

  /**
   * Reads what is there.
   * @returns nothing where nothing is there now; no bytes at the end of the stream
   * @throws SystemError where the connection is broken
   */
  read(): Buffer | undefined {
    const { address, view, bytes } = receiveMemory();
    view.setBigUint64(40, BigInt(CONTROL_SIZE), true);
    const length = raw.recvmsg(this.descriptor, address, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0) {
      if (errno() === EAGAIN || errno() === EINTR) return undefined;
      throw new SystemError('recv', errno());
    }
    this.#takePassed(view);
    return Buffer.from(bytes.subarray(4096, 4096 + length));
  }

  /** struct cmsghdr: length (64), level (32), type (32), then the descriptors. */
  #takePassed(view: DataView): void {
    if (Number(view.getBigUint64(40, true)) < 16) return;
    const length = Number(view.getBigUint64(CONTROL, true));
    const isRights =
      view.getInt32(CONTROL + 8, true) === SOL_SOCKET && view.getInt32(CONTROL + 12, true) === SCM_RIGHTS;
    if (!isRights) return;
    for (let at = CONTROL + 16; at + 4 <= CONTROL + length; at += 4)
      this.#passed.push(view.getInt32(at, true));
  }

  /** A descriptor that the other end passed along, or nothing. */
  takePassed(): number | undefined {
    return this.#passed.shift();
  }

  close(): void {
    for (const descriptor of this.#passed.splice(0)) close(descriptor);
    close(this.descriptor);
  }
}

/**
 * Connects to a local socket.
 * @param path as this process sees it
 * @throws SystemError, as ENOENT or ECONNREFUSED where nobody listens
 */
export function connectLocal(path: string): ByteStream {
  const bytes = Buffer.from(path);
  if (bytes.length >= LONGEST_PATH) throw new Error(`the path of a socket is too long: ${path}`);
  const address = Buffer.alloc(2 + LONGEST_PATH);
  address.writeUInt16LE(AF_UNIX);
  address.set(bytes, 2);
  const descriptor = call('socket', AF_UNIX, SOCK_STREAM_NONBLOCK_CLOEXEC, 0);
  if (raw.connect(descriptor, address, address.length) === 0) return new ByteStream(descriptor);
  const error = new SystemError('connect', errno());
  close(descriptor);
  throw error;
}

/** Connects to a port from a network namespace; that nobody listens may show at the first read only. */
export const connectRemote = (...to: Parameters<typeof connectWithin>): ByteStream =>
  new ByteStream(connectWithin(...to));
