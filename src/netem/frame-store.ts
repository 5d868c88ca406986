import { raw } from '../linux/libc.js';
import { Memory } from '../linux/memory.js';
import type { PacketStore } from './stage.js';

/** Bytes for a frame. */
const SLOT = 9728;

/** Largest MTU of an interface whose frames fit with their headers, two VLAN tags included. Containerlab's links have 9500. */
export const LARGEST_MTU = SLOT - 14 - 2 * 4;

/** Frames that can wait in all directions together. The memory is the kernel's to give when it is first used. */
const SLOTS = 32_768;

/** The frames that a relay holds, by number, in memory with fixed addresses. */
export class FrameStore implements PacketStore {
  readonly #memory = new Memory(SLOT * SLOTS);
  readonly #lengths = new Int32Array(SLOTS);
  readonly #free = new Int32Array(SLOTS);
  #left = SLOTS;

  constructor() {
    for (let index = 0; index < SLOTS; index++) this.#free[index] = SLOTS - 1 - index;
  }

  /** Reads a frame from a descriptor that does not block; nothing where there is none, or no room: then the kernel keeps it. */
  read(descriptor: number): number | undefined {
    if (this.#left === 0) return undefined;
    const frame = this.#free[this.#left - 1]!;
    const length = raw.readAt(descriptor, this.addressOf(frame), SLOT);
    if (length <= 0) return undefined;
    this.#left--;
    this.#lengths[frame] = length;
    return frame;
  }

  addressOf(frame: number): number {
    return this.#memory.address + frame * SLOT;
  }

  lengthOf(frame: number): number {
    return this.#lengths[frame]!;
  }

  copy(frame: number): number | undefined {
    if (this.#left === 0) return undefined;
    const copy = this.#free[--this.#left]!;
    const start = frame * SLOT;
    this.#memory.bytes.copyWithin(copy * SLOT, start, start + this.lengthOf(frame));
    this.#lengths[copy] = this.lengthOf(frame);
    return copy;
  }

  free(frame: number): void {
    this.#free[this.#left++] = frame;
  }

  flipBit(frame: number, bit: number): void {
    this.#memory.bytes[frame * SLOT + (bit >> 3)]! ^= 1 << (bit & 7);
  }
}
