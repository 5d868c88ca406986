import { call, viewOf } from './libc.js';

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE_ANONYMOUS = 0x22;

/**
 * A block of mapped memory with a fixed address, so that kernel structures can point into it and hot loops
 * allocate nothing. Lives as long as the process.
 */
export class Memory {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Uint32Array;
  readonly size: number;
  /** @param descriptor of something to map and share; without it the memory is new */
  constructor(size: number, descriptor?: number) {
    this.size = size;
    const flags = descriptor === undefined ? MAP_PRIVATE_ANONYMOUS : MAP_SHARED;
    this.address = call('mmap', 0, size, PROT_READ_WRITE, flags, descriptor ?? -1, 0);
    const buffer = viewOf(this.address, size);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.words = new Uint32Array(buffer);
  }

  /** Writes an address at a word of this memory, as kernel structures have them. */
  setAddress(word: number, address: number): void {
    this.words[word] = address % 2 ** 32;
    this.words[word + 1] = address / 2 ** 32;
  }
}
