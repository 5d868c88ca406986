import { call, raw } from './libc.js';
import { Memory } from './memory.js';

// linux/if_packet.h, asm-generic/socket.h
const AF_PACKET = 17;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_MARK = 36;
const SEND_BUFFER = 8 << 20;
const MSG_DONTWAIT = 0x40;

/** Frames that one call sends. */
const BATCH = 64;
const HEADER_SIZE = 64;

/**
 * Opens a socket that sends whole frames out of an interface of the calling thread's network namespace.
 * @param mark put on each, for programs on the way out to tell them by
 * @returns its descriptor
 */
export function openFrameSocket({ index, mark }: { index: number; mark: number }): number {
  const descriptor = call('socket', AF_PACKET, SOCK_RAW_CLOEXEC, 0);
  const option = (name: number, value: number) => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32LE(value);
    call('setsockopt', descriptor, SOL_SOCKET, name, buffer, buffer.length);
  };
  option(SO_MARK, mark);
  option(SO_SNDBUFFORCE, SEND_BUFFER);
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
  readonly #vectors = new Memory(BATCH * 16);
  readonly #sent: (tag: number) => void;
  readonly #tags = new Int32Array(BATCH);
  #count = 0;
  /** Frames that the interface did not take: it was down, or full. */
  refused = 0;

  /** @param sent told of each frame, by its tag, when its memory is free again */
  constructor(descriptor: number, sent: (tag: number) => void) {
    this.#descriptor = descriptor;
    this.#sent = sent;
    for (let index = 0; index < BATCH; index++) {
      const header = index * HEADER_SIZE;
      this.#headers.view.setBigUint64(header + 16, BigInt(this.#vectors.address + index * 16), true);
      this.#headers.view.setBigUint64(header + 24, 1n, true);
    }
  }

  add(address: number, length: number, tag: number): void {
    if (this.#count === BATCH) this.flush();
    const { words } = this.#vectors;
    const vector = this.#count * 4;
    words[vector] = address % 2 ** 32;
    words[vector + 1] = address / 2 ** 32;
    words[vector + 2] = length;
    this.#tags[this.#count++] = tag;
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
  }
}
