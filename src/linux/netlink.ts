import { call, close, errno, raw, SystemError } from './libc.js';

// Numbers from the kernel's uapi headers linux/netlink.h and linux/socket.h.
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const NETLINK_ROUTE = 0;
/** Family of what the packet filter and connection tracking say. */
export const NETLINK_NETFILTER = 12;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const NLMSG_ERROR = 2;
const EAGAIN = 11;
const ENOBUFS = 105;
const NLMSG_DONE = 3;

/** Flags of a request. */
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP = 0x300;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;

/** A message to the kernel: `body` is the family's fixed header, then attributes. */
export interface Request {
  type: number;
  flags?: number;
  body: Uint8Array;
}

/** A message from the kernel. */
export interface Message {
  type: number;
  flags: number;
  sequence: number;
  body: Buffer;
}

const align = (length: number) => (length + 3) & ~3;

/** An attribute: 16-bit length and type, value, padding to four bytes. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const buffer = Buffer.alloc(align(4 + value.length));
  buffer.writeUInt16LE(4 + value.length, 0);
  buffer.writeUInt16LE(type, 2);
  buffer.set(value, 4);
  return buffer;
}

/** An attribute that holds attributes. */
export const nested = (type: number, ...attributes: Uint8Array[]): Buffer =>
  attribute(type, Buffer.concat(attributes));

/** A 32-bit attribute in the host's byte order. */
export function u32(type: number, value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return attribute(type, buffer);
}

/** A zero-terminated string attribute. */
export const text = (type: number, value: string): Buffer => attribute(type, Buffer.from(`${value}\0`));

/** Attributes by type; of several with one type the last. */
export function parseAttributes(body: Buffer, from: number): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = from; at + 4 <= body.length; ) {
    const length = body.readUInt16LE(at);
    if (length < 4) break;
    attributes.set(body.readUInt16LE(at + 2) & 0x3fff, body.subarray(at + 4, at + length));
    at += align(length);
  }
  return attributes;
}

/** Text of a zero-terminated attribute. */
export const textOf = (value: Buffer | undefined): string | undefined =>
  value?.toString().replace(/\0.*$/s, '');

function encode({ type, flags = 0, body }: Request, sequence: number): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags | NLM_F_REQUEST, 6);
  header.writeUInt32LE(sequence, 8);
  return Buffer.concat([header, body, Buffer.alloc(align(body.length) - body.length)]);
}

/** The messages in one datagram. */
export function* decode(datagram: Buffer): Generator<Message> {
  for (let at = 0; at + 16 <= datagram.length; ) {
    const length = datagram.readUInt32LE(at);
    if (length < 16) return;
    yield {
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      sequence: datagram.readUInt32LE(at + 8),
      body: datagram.subarray(at + 16, at + length),
    };
    at += align(length);
  }
}

/**
 * An rtnetlink socket. It belongs to the network namespace that the calling thread was in when it was opened, and acts there from any
 * thread.
 */
export class Netlink implements Disposable {
  readonly descriptor: number;
  readonly #buffer = Buffer.allocUnsafeSlow(1 << 18);
  #sequence = 1;
  /**
   * @param groups multicast groups to listen to (mask); with any the socket does not block
   * @param family what to talk about; routes, links and addresses unless said otherwise
   */
  constructor({ groups = 0, family = NETLINK_ROUTE }: { groups?: number; family?: number } = {}) {
    const type = SOCK_RAW | SOCK_CLOEXEC | (groups ? SOCK_NONBLOCK : 0);
    this.descriptor = call('socket', AF_NETLINK, type, family);
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF_NETLINK);
    address.writeUInt32LE(groups, 8);
    call('bind', this.descriptor, address, address.length);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(8 << 20);
    // Without the privilege the default size has to do; an overrun is seen as ENOBUFS.
    if (groups) tryQuietly(() => call('setsockopt', this.descriptor, SOL_SOCKET, SO_RCVBUFFORCE, size, 4));
  }

  [Symbol.dispose](): void {
    close(this.descriptor);
  }

  /** One datagram of messages, or none where the socket does not block and nothing is there. */
  receive(): Message[] {
    const length = call('recv', this.descriptor, this.#buffer, this.#buffer.length, 0);
    return [...decode(Buffer.from(this.#buffer.subarray(0, length)))];
  }

  /** Takes everything that waits at a socket that does not block; an overrun of its buffer is no error. */
  receiveAll(): void {
    while (raw.recv(this.descriptor, this.#buffer, this.#buffer.length, 0) >= 0 || errno() === ENOBUFS);
  }

  /**
   * Takes everything that waits at a socket that does not block, and hands over each message.
   * @throws SystemError ENOBUFS where messages were lost
   */
  receiveEach(hear: (message: Message) => void): void {
    for (;;) {
      const length = raw.recv(this.descriptor, this.#buffer, this.#buffer.length, 0);
      if (length < 0 && errno() === EAGAIN) return;
      if (length < 0) throw new SystemError('recv', errno());
      for (const message of decode(this.#buffer.subarray(0, length))) hear(message);
    }
  }

  /**
   * Sends requests in one datagram and waits for each one's acknowledgement; throws at the first refusal.
   * @returns CLOCK_MONOTONIC in nanoseconds round the sending: the kernel has done what it was asked to when `send` returns
   */
  request(...requests: Request[]): { before: bigint; after: bigint } {
    const first = this.#sequence;
    const messages = requests.map((request) =>
      encode({ ...request, flags: (request.flags ?? 0) | NLM_F_ACK }, this.#sequence++),
    );
    const datagram = Buffer.concat(messages);
    const before = process.hrtime.bigint();
    call('send', this.descriptor, datagram, datagram.length, 0);
    const after = process.hrtime.bigint();
    for (let open = requests.length; open > 0; ) {
      for (const message of this.receive()) {
        if (message.sequence < first || message.type !== NLMSG_ERROR) continue;
        refuse(message);
        open--;
      }
    }
    return { before, after };
  }

  /** Asks for a dump and returns its messages. */
  dump(request: Request): Message[] {
    const sequence = this.#sequence++;
    const datagram = encode({ ...request, flags: NLM_F_DUMP }, sequence);
    call('send', this.descriptor, datagram, datagram.length, 0);
    const answers: Message[] = [];
    for (;;) {
      for (const message of this.receive()) {
        if (message.sequence !== sequence) continue;
        if (message.type === NLMSG_DONE) return answers;
        if (message.type === NLMSG_ERROR) refuse(message);
        answers.push(message);
      }
    }
  }
}

function refuse(message: Message): void {
  const code = -message.body.readInt32LE(0);
  if (code !== 0) throw new SystemError('rtnetlink', code);
}

function tryQuietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}
