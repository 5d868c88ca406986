import { call, close, raw } from './libc.js';

// time.h, sys/timerfd.h
const CLOCK_MONOTONIC = 1;
const TFD_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;

/** A timer as a descriptor that becomes readable. */
export class Timer {
  readonly descriptor = call('timerfd_create', CLOCK_MONOTONIC, TFD_NONBLOCK_CLOEXEC);
  readonly #count = Buffer.alloc(8);

  /** Rings once, after so many nanoseconds; 0 takes an earlier order back. */
  set(nanoseconds: number): void {
    const order = Buffer.alloc(32);
    order.writeBigInt64LE(BigInt(Math.floor(nanoseconds / 1e9)), 16);
    order.writeBigInt64LE(BigInt(Math.floor(nanoseconds % 1e9)), 24);
    call('timerfd_settime', this.descriptor, 0, order, null);
  }

  /** Takes the ringing; false where it has not rung. */
  clear(): boolean {
    return raw.read(this.descriptor, this.#count, 8) === 8;
  }

  close(): void {
    close(this.descriptor);
  }
}
