import type { Instant } from '../linux/clock.js';
import { Memory } from '../linux/memory.js';
import { type TcpReader, writeTcp } from '../linux/tcp.js';

/** Cuts what a connection delivers into records of one size, and writes records however much of them fits. */
export class RecordStream {
  readonly descriptor: number;
  readonly #size: number;
  readonly #rest: Uint8Array;
  readonly #record: DataView;
  #filled = 0;
  readonly #out: Memory;
  #outStart = 0;
  #outEnd = 0;

  /** @param backlog records that may wait for room in the connection */
  constructor({ descriptor, size, backlog }: { descriptor: number; size: number; backlog: number }) {
    this.descriptor = descriptor;
    this.#size = size;
    this.#rest = new Uint8Array(size);
    this.#record = new DataView(this.#rest.buffer);
    this.#out = new Memory(size * backlog);
  }

  /**
   * Reads everything that is there and hands over each record that is complete.
   * @returns whether the connection is still open
   * @throws SystemError where it is broken
   */
  read(reader: TcpReader, take: (record: DataView, at: Instant) => void): boolean {
    for (;;) {
      const length = reader.read(this.descriptor);
      if (length <= 0) return length < 0;
      for (let at = 0; at < length; ) {
        const part = Math.min(this.#size - this.#filled, length - at);
        this.#rest.set(reader.bytes.subarray(at, at + part), this.#filled);
        this.#filled += part;
        at += part;
        if (this.#filled === this.#size) {
          this.#filled = 0;
          take(this.#record, reader.at);
        }
      }
    }
  }

  /** What came of a record that is not complete yet. */
  get rest(): Uint8Array {
    return this.#rest.subarray(0, this.#filled);
  }

  /** Queues a record; false where the backlog is full. */
  queue(write: (view: DataView, at: number) => void): boolean {
    if (this.#outEnd + this.#size > this.#out.size) {
      this.#out.bytes.copyWithin(0, this.#outStart, this.#outEnd);
      this.#outEnd -= this.#outStart;
      this.#outStart = 0;
      if (this.#outEnd + this.#size > this.#out.size) return false;
    }
    write(this.#out.view, this.#outEnd);
    this.#outEnd += this.#size;
    return true;
  }

  /**
   * Writes what is queued as far as the connection takes it.
   * @returns whether all of it is written
   * @throws SystemError where the connection is broken
   */
  flush(): boolean {
    while (this.#outStart < this.#outEnd) {
      const written = writeTcp(
        this.descriptor,
        this.#out.address + this.#outStart,
        this.#outEnd - this.#outStart,
      );
      if (written === 0) return false;
      this.#outStart += written;
    }
    this.#outStart = 0;
    this.#outEnd = 0;
    return true;
  }
}
