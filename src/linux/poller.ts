import { errno, raw, SystemError } from './libc.js';
import { Memory } from './memory.js';

const EINTR = 4;

/** What to wait for on a descriptor, and what it turned out to be (poll.h). */
export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 16;

/** Longest single wait: a worker's end must not have to wait for a native call. */
export const SLICE = 100e6;

/** ppoll(2) over a changing set of descriptors, without allocation while it waits. */
export class Poller {
  readonly #memory: Memory;
  readonly #timeout = new Memory(4096);
  readonly #handlers: ((events: number) => void)[] = [];
  readonly #capacity: number;

  constructor(capacity = 4096) {
    this.#capacity = capacity;
    this.#memory = new Memory(capacity * 8);
  }

  /** Watches a descriptor; the handler gets the events that came. */
  add(descriptor: number, events: number, handler: (events: number) => void): void {
    const slot = this.#handlers.length;
    if (slot === this.#capacity) throw new Error(`more than ${this.#capacity} descriptors to watch`);
    this.#handlers.push(handler);
    this.#memory.view.setInt32(slot * 8, descriptor, true);
    this.#memory.view.setInt16(slot * 8 + 4, events, true);
  }

  /** Changes what is waited for. */
  change(descriptor: number, events: number): void {
    this.#memory.view.setInt16(this.#slot(descriptor) * 8 + 4, events, true);
  }

  #slot(descriptor: number): number {
    for (let slot = 0; slot < this.#handlers.length; slot++) {
      if (this.#memory.view.getInt32(slot * 8, true) === descriptor) return slot;
    }
    throw new Error(`descriptor ${descriptor} is not watched`);
  }

  remove(descriptor: number): void {
    const slot = this.#slot(descriptor);
    const last = this.#handlers.length - 1;
    this.#memory.bytes.copyWithin(slot * 8, last * 8, last * 8 + 8);
    this.#handlers[slot] = this.#handlers[last]!;
    this.#handlers.pop();
  }

  /**
   * Waits for the first event, at most so many nanoseconds, and runs the handlers of all that came.
   * @returns whether any came
   */
  wait(nanoseconds: number): boolean {
    const { words } = this.#timeout;
    const most = Math.max(0, Math.min(nanoseconds, SLICE));
    words[0] = Math.floor(most / 1e9);
    words[2] = most % 1e9;
    let ready = raw.ppoll(this.#memory.address, this.#handlers.length, this.#timeout.address, 0);
    if (ready < 0) {
      if (errno() === EINTR) return false;
      throw new SystemError('ppoll', errno());
    }
    const came = ready > 0;
    // A handler may add or remove descriptors; from the end, what it moves has been seen.
    for (let slot = this.#handlers.length - 1; slot >= 0 && ready > 0; slot--) {
      const events = this.#memory.view.getInt16(slot * 8 + 6, true);
      if (events === 0) continue;
      this.#memory.view.setInt16(slot * 8 + 6, 0, true);
      ready--;
      this.#handlers[slot]?.(events);
    }
    return came;
  }
}
