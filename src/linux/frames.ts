import { call, raw } from './libc.js';
import { Memory } from './memory.js';

// linux/if_packet.h, asm-generic/socket.h
const AF_PACKET = 17;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_MARK = 36;
const SOL_PACKET = 263;
const PACKET_VNET_HDR = 15;
const SEND_BUFFER = 8 << 20;
const MSG_DONTWAIT = 0x40;

/** Frames that one call sends. */
const BATCH = 64;
const HEADER_SIZE = 64;
/** Pieces of memory that the frames of one call lie in. */
const PIECES = 256;

/**
 * Opens a socket that sends whole frames out of an interface of the calling thread's network namespace.
 * @param mark put on each, for programs on the way out to tell them by
 * @param hasHeader each comes after a header as a TAP puts there
 * @returns its descriptor
 */
export function openFrameSocket(options: { index: number; mark: number; hasHeader?: boolean }): number {
  const { index, mark, hasHeader = false } = options;
  const descriptor = call('socket', AF_PACKET, SOCK_RAW_CLOEXEC, 0);
  const option = (level: number, name: number, value: number) => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32LE(value);
    call('setsockopt', descriptor, level, name, buffer, buffer.length);
  };
  option(SOL_SOCKET, SO_MARK, mark);
  option(SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER);
  if (hasHeader) option(SOL_PACKET, PACKET_VNET_HDR, 1);
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeInt32LE(index, 4);
  call('bind', descriptor, address, address.length);
  return descriptor;
}

/** Collects frames that lie in mapped memory and sends them with as few calls as can be. */
export class FrameSender {
  readonly #descriptor: number;
  readonly #headers = new Memory(BATCH * HEADER_SIZE);
  readonly #vectors = new Memory(PIECES * 16);
  readonly #sent: (tag: number) => void;
  readonly #tags = new Int32Array(BATCH);
  #count = 0;
  #pieces = 0;
  /** Frames that the interface did not take: it was down, or full. */
  refused = 0;

  /** @param sent told of each frame, by its tag, when its memory is free again */
  constructor(descriptor: number, sent: (tag: number) => void) {
    this.#descriptor = descriptor;
    this.#sent = sent;
  }

  /** Adds a frame, or the first piece of one of at most so many. */
  add(address: number, length: number, tag: number, pieces = 1): void {
    if (this.#count === BATCH || this.#pieces + pieces > PIECES) this.flush();
    const header = (this.#count * HEADER_SIZE) / 4;
    this.#headers.setAddress(header + 4, this.#vectors.address + this.#pieces * 16);
    this.#headers.words[header + 6] = 0;
    this.#tags[this.#count++] = tag;
    this.extend(address, length);
  }

  /** Adds a further piece to the frame that was added last. */
  extend(address: number, length: number): void {
    const vector = this.#pieces++ * 4;
    this.#vectors.setAddress(vector, address);
    this.#vectors.words[vector + 2] = length;
    this.#headers.words[((this.#count - 1) * HEADER_SIZE) / 4 + 6]!++;
  }

  flush(): void {
    for (let at = 0; at < this.#count; ) {
      const headers = this.#headers.address + at * HEADER_SIZE;
      const sent = raw.sendmmsg(this.#descriptor, headers, this.#count - at, MSG_DONTWAIT);
      if (sent > 0) at += sent;
      else {
        this.refused++;
        at++;
      }
    }
    for (let index = 0; index < this.#count; index++) this.#sent(this.#tags[index]!);
    this.#count = 0;
    this.#pieces = 0;
  }
}
