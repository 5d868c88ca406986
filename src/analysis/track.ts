import type { Instant } from '../linux/clock.js';
import type { StreamData, Way } from '../probes/probe.js';

/** Error of a one-way delay, or of a difference of two medians of them: kernel timestamps on one clock, nanoseconds. */
export const TIMESTAMP_ERROR = 20e3;

/**
 * Nanoseconds that a recorded instant may be off: the recording rounds to whole microseconds, and the kernel's wall clock stamps are
 * brought to the drill clock with an uncertainty of at most 2.5 us.
 */
export const ROUNDING = 3000;

/** Packets before what is needed that are not forgotten. */
const KEPT = 256;

const DUPLICATED = 1;
const REORDERED = 2;
const CORRUPTED = 4;

/** What may become of a packet, worst first. */
const FATES = ['corrupted', 'lost', 'late', 'duplicated', 'reordered'] as const;
export type Fate = (typeof FATES)[number];

/** Everything that is known of one stream: when each packet was due, sent and received. */
export class StreamTrack {
  readonly flow: number;
  readonly way: Way;
  readonly start: Instant;
  /** Time between two packets, nanoseconds. */
  readonly interval: number;
  /** Packets sent. */
  count = 0;
  /** Number of the first packet that was not forgotten: those before it are in no array. */
  first = 0;
  #late = new Float64Array(1024);
  #received = new Float64Array(1024).fill(Number.NaN);
  #flags = new Uint8Array(1024);
  #highest = -1;

  constructor(options: { flow: number; way: Way; start: Instant; interval: number }) {
    this.flow = options.flow;
    this.way = options.way;
    this.start = options.start;
    this.interval = options.interval;
  }

  get name(): string {
    return this.way === 'round-trip' ? `client ${this.flow}` : `flow ${this.flow} ${this.way}`;
  }

  /** Makes room for packets up to a number. */
  #reserve(end: number): void {
    const size = end - this.first;
    if (size <= this.#late.length) return;
    const length = Math.max(size, this.#late.length * 2);
    const grow = <A extends Float64Array | Uint8Array>(old: A, made: A): A => {
      made.set(old);
      return made;
    };
    const late = this.#late;
    this.#late = grow(late, new Float64Array(length));
    this.#received = grow(this.#received, new Float64Array(length).fill(Number.NaN));
    this.#flags = grow(this.#flags, new Uint8Array(length));
  }

  /** Adds what a recording line says; its times are whole microseconds. */
  add({ first, late, runs, after, corrupted }: Omit<StreamData, 'stream' | 'refused'>): void {
    this.#reserve(first + late.length);
    const offset = first - this.first;
    for (let index = 0; index < late.length; index++) this.#late[offset + index] = late[index]! * 1000;
    this.count = Math.max(this.count, first + late.length);
    let index = 0;
    for (const [from, length] of runs) {
      this.#reserve(from + length);
      for (let number = from; number < from + length; number++) this.#receive(number, after[index++]! * 1000);
    }
    for (const number of corrupted) {
      this.#reserve(number + 1);
      if (number >= this.first) this.#flags[number - this.first]! |= CORRUPTED;
    }
  }

  #receive(number: number, after: number): void {
    const index = number - this.first;
    if (index < 0) return;
    if (!Number.isNaN(this.#received[index]!)) {
      this.#flags[index]! |= DUPLICATED;
      return;
    }
    this.#received[index] = this.dueAt(number) + after;
    // RFC 4737: a packet is reordered when one with a higher number came before it. Answers owe no order.
    if (number < this.#highest && this.way !== 'round-trip') this.#flags[index]! |= REORDERED;
    else this.#highest = number;
  }

  /** Lets go of packets due before an instant, but for a few hundred that tell how long packets usually take. */
  forget(before: Instant): void {
    const gone = this.firstFrom(before) - KEPT - this.first;
    if (gone < KEPT) return;
    this.#late = this.#late.slice(gone);
    this.#received = this.#received.slice(gone);
    this.#flags = this.#flags.slice(gone);
    this.first += gone;
  }

  dueAt(number: number): Instant {
    return this.start + number * this.interval;
  }

  sentAt(number: number): Instant {
    return this.dueAt(number) + this.#late[number - this.first]!;
  }

  /** When the packet before or after one was sent; for the first and the last an interval away. */
  sentBefore(number: number): Instant {
    return number > this.first ? this.sentAt(number - 1) : this.sentAt(number) - this.interval;
  }

  sentAfter(number: number): Instant {
    return number + 1 < this.count ? this.sentAt(number + 1) : this.sentAt(number) + this.interval;
  }

  lateness(number: number): number {
    return this.#late[number - this.first]!;
  }

  /** When the kernel received it first; NaN for never. */
  receivedAt(number: number): Instant {
    return this.#received[number - this.first] ?? Number.NaN;
  }

  /** When packets with a number below `count` arrived within a window, in the order of time. */
  arrivals({ from, to }: { from: Instant; to: Instant }, count: number): Instant[] {
    const arrivals: Instant[] = [];
    for (let number = this.first; number < count; number++) {
      const at = this.receivedAt(number);
      if (at >= from && at <= to) arrivals.push(at);
    }
    return arrivals.sort((a, b) => a - b);
  }

  /** Number of the first packet due at or after an instant that was not forgotten, no higher than the count. */
  firstFrom(instant: Instant): number {
    return Math.min(this.count, Math.max(this.first, Math.ceil((instant - this.start) / this.interval)));
  }

  /**
   * What is wrong with a packet, the worst of it, or nothing.
   * @param threshold forwarding delay threshold: what is later counts as lost
   */
  fate(number: number, threshold: number): Fate | undefined {
    const index = number - this.first;
    const isFine = this.#flags[index] === 0 && this.#received[index]! - this.sentAt(number) <= threshold;
    return isFine ? undefined : FATES.find((fate) => this.suffered(number, fate, threshold));
  }

  /** Whether a packet suffered something, whatever else it did. */
  suffered(number: number, fate: Fate, threshold: number): boolean {
    const received = this.#received[number - this.first]!;
    const flags = this.#flags[number - this.first]!;
    switch (fate) {
      case 'lost':
        return Number.isNaN(received) && !(flags & CORRUPTED);
      case 'late':
        return received - this.sentAt(number) > threshold;
      case 'corrupted':
        return (flags & CORRUPTED) !== 0;
      case 'duplicated':
        return (flags & DUPLICATED) !== 0;
      case 'reordered':
        return (flags & REORDERED) !== 0;
    }
  }
}
