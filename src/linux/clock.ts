import { call } from './libc.js';
import { Memory } from './memory.js';

/**
 * An instant on the drill clock: whole nanoseconds of CLOCK_MONOTONIC since the drill's anchor. A number, not a
 * bigint: exact below 2^53 ns (104 days of drill), and millions of them are compared in a recording.
 */
export type Instant = number;

/** Where the drill clock starts; `wall` is the same instant by CLOCK_REALTIME, for people. */
export interface Anchor {
  /** CLOCK_MONOTONIC, nanoseconds, as decimal digits (it may exceed what a number holds). */
  monotonic: string;
  /** ISO 8601, milliseconds, UTC. */
  wall: string;
}

/** Two readings round something: it happened between them. */
export interface Bracket {
  before: Instant;
  after: Instant;
}

/** Takes an anchor now. */
export const takeAnchor = (): Anchor => ({
  monotonic: process.hrtime.bigint().toString(),
  wall: new Date().toISOString(),
});

/** The drill clock: any thread or process that has the anchor reads the same time. */
export class Clock {
  readonly anchor: Anchor;
  readonly #start: bigint;
  constructor(anchor: Anchor = takeAnchor()) {
    this.anchor = anchor;
    this.#start = BigInt(anchor.monotonic);
  }

  now(): Instant {
    return Number(process.hrtime.bigint() - this.#start);
  }

  /** Converts a CLOCK_MONOTONIC reading (nanoseconds) to the drill clock. */
  at(monotonic: bigint | string): Instant {
    return Number(BigInt(monotonic) - this.#start);
  }

  /** Runs something and brackets it. */
  bracket<T>(act: () => T): [T, Bracket] {
    const before = this.now();
    const result = act();
    return [result, { before, after: this.now() }];
  }
}

const SECOND = 1e9;
const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;

/**
 * The drill clock for hot loops: no bigint, no allocation, and a conversion for the kernel's receive timestamps, which are
 * CLOCK_REALTIME.
 */
export class FastClock {
  readonly #memory = new Memory(4096);
  readonly #baseSeconds: number;
  readonly #baseNanoseconds: number;
  readonly #wallSeconds: number;
  #offset = 0;
  constructor(anchor: Anchor) {
    const start = BigInt(anchor.monotonic);
    this.#baseSeconds = Number(start / 1_000_000_000n);
    this.#baseNanoseconds = Number(start % 1_000_000_000n);
    this.#wallSeconds = Math.floor(Date.parse(anchor.wall) / 1000);
    this.synchronise();
  }

  now(): Instant {
    call('clock_gettime', CLOCK_MONOTONIC, this.#memory.address);
    const { words } = this.#memory;
    return (words[0]! - this.#baseSeconds) * SECOND + words[2]! - this.#baseNanoseconds;
  }

  #wall(): number {
    call('clock_gettime', CLOCK_REALTIME, this.#memory.address);
    const { words } = this.#memory;
    return (words[0]! - this.#wallSeconds) * SECOND + words[2]!;
  }

  /**
   * Measures the offset between the two clocks; call it before each batch of `fromWall`, since CLOCK_REALTIME may be
   * stepped or slewed. Returns its uncertainty in nanoseconds.
   */
  synchronise(): number {
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 50; attempt++) {
      const before = this.now();
      const wall = this.#wall();
      const after = this.now();
      if (after - before < best) {
        best = after - before;
        this.#offset = wall - (before + after) / 2;
      }
      if (best < 5000) break;
    }
    return best / 2;
  }

  /** A CLOCK_REALTIME stamp of the kernel on the drill clock. */
  fromWall(seconds: number, nanoseconds: number): Instant {
    return Math.round((seconds - this.#wallSeconds) * SECOND + nanoseconds - this.#offset);
  }
}
