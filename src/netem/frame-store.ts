import type { FrameSender } from '../linux/frames.js';
import { raw } from '../linux/libc.js';
import { Memory } from '../linux/memory.js';
import type { PacketStore } from './stage.js';

/** Bytes of a slot. A frame as it is on the line takes one; what is still to be cut into segments several. */
const SLOT = 9728;

/** Slots that the longest takes. */
const PIECES = Math.ceil((2 ** 16 + 64) / SLOT);

/** What lies before a frame (linux/virtio_net.h, struct virtio_net_hdr): flags, type, ..., bytes of a segment, start of what its checksum is of, ... */
export const HEADER = 10;
const [TYPE, SEGMENT, CHECKED] = [1, 4, 6];
const SEGMENTS_OF_UDP = 5;
const UDP_HEADER = 8;
/** Where a TCP header has its own length. */
const TCP_LENGTH = 12;

/** Largest MTU of an interface whose frames fit with their headers, two VLAN tags included. Containerlab's links have 9500. */
export const LARGEST_MTU = SLOT - HEADER - 14 - 2 * 4;

/** Slots of all directions together. The memory is the kernel's to give when it is first used. */
const SLOTS = 32_768;

/** The frames that a relay holds, by the number of their first slot, in memory with fixed addresses. */
export class FrameStore implements PacketStore {
  readonly #memory = new Memory(SLOT * SLOTS);
  /** Bytes with the header, by first slot. */
  readonly #sizes = new Int32Array(SLOTS);
  /** Slot that a frame goes on in. */
  readonly #next = new Int32Array(SLOTS);
  readonly #free = new Int32Array(SLOTS);
  #left = SLOTS;
  readonly #vectors = new Memory(PIECES * 16);
  /** Slots that these point to. */
  readonly #readTo = new Int32Array(PIECES).fill(-1);

  constructor() {
    for (let index = 0; index < SLOTS; index++) this.#free[index] = SLOTS - 1 - index;
    for (let piece = 0; piece < PIECES; piece++) this.#vectors.words[piece * 4 + 2] = SLOT;
  }

  /** Reads a frame and its header from a descriptor that does not block; nothing where there is none, or no room: then the kernel keeps it. */
  read(descriptor: number): number | undefined {
    if (this.#left < PIECES) return undefined;
    const top = this.#left - 1;
    for (let piece = 0; piece < PIECES; piece++) {
      const slot = this.#free[top - piece]!;
      if (this.#readTo[piece] === slot) continue;
      this.#readTo[piece] = slot;
      this.#vectors.setAddress(piece * 4, this.#addressOf(slot));
    }
    const size = raw.readv(descriptor, this.#vectors.address, PIECES);
    if (size <= HEADER) return undefined;
    const frame = this.#free[top]!;
    this.#sizes[frame] = size;
    this.#left--;
    for (let slot = frame, left = size - SLOT; left > 0; left -= SLOT) {
      const next = this.#free[--this.#left]!;
      this.#next[slot] = next;
      slot = next;
    }
    return frame;
  }

  /** Has a frame sent with its header; it is to be freed when it was. */
  send(frame: number, sender: FrameSender): void {
    const size = this.#sizes[frame]!;
    sender.add(this.#addressOf(frame), Math.min(size, SLOT), frame, PIECES);
    for (let slot = frame, left = size - SLOT; left > 0; left -= SLOT) {
      slot = this.#next[slot]!;
      sender.extend(this.#addressOf(slot), Math.min(left, SLOT));
    }
  }

  #addressOf(slot: number): number {
    return this.#memory.address + slot * SLOT;
  }

  lengthOf(frame: number): number {
    return this.#sizes[frame]! - HEADER;
  }

  segmentsOf(frame: number): number {
    const { bytes, view } = this.#memory;
    const start = frame * SLOT;
    const type = bytes[start + TYPE]!;
    if (type === 0) return 1;
    const header = view.getUint16(start + CHECKED, true);
    const own =
      type === SEGMENTS_OF_UDP ? UDP_HEADER : (bytes[start + HEADER + header + TCP_LENGTH]! >> 4) * 4;
    return Math.ceil((this.lengthOf(frame) - header - own) / view.getUint16(start + SEGMENT, true));
  }

  /** Copies a frame of one segment. */
  copy(frame: number): number | undefined {
    if (this.#left === 0) return undefined;
    const copy = this.#free[--this.#left]!;
    const start = frame * SLOT;
    this.#memory.bytes.copyWithin(copy * SLOT, start, start + this.#sizes[frame]!);
    this.#sizes[copy] = this.#sizes[frame]!;
    return copy;
  }

  free(frame: number): void {
    for (let slot = frame, left = this.#sizes[frame]!; left > 0; left -= SLOT) {
      this.#free[this.#left++] = slot;
      slot = this.#next[slot]!;
    }
  }

  /** Flips a bit of a frame of one segment. */
  flipBit(frame: number, bit: number): void {
    this.#memory.bytes[frame * SLOT + HEADER + (bit >> 3)]! ^= 1 << (bit & 7);
  }
}
