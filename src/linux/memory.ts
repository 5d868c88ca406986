import { call, viewOf } from './libc.js';

const PROT_READ_WRITE = 3;
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
  constructor(size: number) {
    this.size = size;
    this.address = call('mmap', 0, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
    const buffer = viewOf(this.address, size);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.words = new Uint32Array(buffer);
  }
}
