import type { Instant } from '../linux/clock.js';
import type { Family } from '../probes/probe.js';
import type { Event } from '../recording/events.js';
import type { Window } from './runs.js';
import { countBelow } from './sorted.js';

/** Share of a probe's packets that a link must carry to count as the way that it goes. */
const MOST = 0.8;

/**
 * How long a probe's packets may be missing on its path, and be on no other, without having left it, nanoseconds. A sender or a counter that
 * was late for a moment looks so; it may be as late as a trial's validity allows.
 */
const BRIEF = 250e6;

/** Packets a second below which a link's own control traffic could be taken for a probe. */
export const LEAST_RATE = 200;

/**
 * Packets that each item of a probe causes: a record or a segment of TCP may cost an acknowledgement, a request a whole connection. More
 * than there are only makes a path harder to tell.
 */
export const packetsEach = (families: readonly Family[]): number =>
  families.includes('round-trip')
    ? 10
    : families.includes('sessions') || families.includes('goodput')
      ? 2
      : 1;

/** Share of a probe's packets that those of all others together may come to, so that they are not taken for it. */
const MOST_OTHERS = 0.5;

/** Whether the links' packet counters show which way a probe goes, by packets a second: it is fast, and most of the traffic. */
export const showsPath = (rate: number, others: readonly number[]): boolean =>
  rate >= LEAST_RATE && others.reduce((sum, other) => sum + other, 0) <= MOST_OTHERS * rate;

/** How many packets each link delivered, in bins of about 20 ms. */
export class PathTrack {
  /** Ends of the bins. */
  readonly ends: Instant[] = [];
  readonly #starts: Instant[] = [];
  /** For each link the packets of each bin, forth and back together; bins before its first packet are missing. */
  readonly #counts = new Map<string, number[]>();

  add({ from, at, counts }: Extract<Event, { k: 'links' }>): void {
    const before = this.ends.length;
    for (const [index, end] of at.entries()) {
      this.#starts.push(index === 0 ? from : at[index - 1]!);
      this.ends.push(end);
    }
    for (const [link, [forth, back]] of Object.entries(counts)) {
      const bins = this.#counts.get(link) ?? [];
      for (let index = 0; index < at.length; index++) bins[before + index] = forth[index]! + back[index]!;
      this.#counts.set(link, bins);
    }
  }

  /** Lets go of bins that end before an instant. */
  forget(before: Instant): void {
    const gone = this.firstAfter(before);
    this.ends.splice(0, gone);
    this.#starts.splice(0, gone);
    for (const [link, bins] of this.#counts) this.#counts.set(link, bins.slice(gone));
  }

  get links(): string[] {
    return [...this.#counts.keys()];
  }

  /** Index of the first bin that ends after an instant. */
  firstAfter(instant: Instant): number {
    return countBelow(this.ends, instant, 'or equal');
  }

  startOf(bin: number): Instant {
    return this.#starts[bin]!;
  }

  /** Packets of a link in a bin. */
  packets(link: string, bin: number): number {
    return this.#counts.get(link)?.[bin] ?? 0;
  }

  /** Packets a second that a link carried in bins `first` to `last`. */
  rate(link: string, first: number, last: number): number {
    let packets = 0;
    for (let bin = first; bin <= last; bin++) packets += this.packets(link, bin);
    const time = this.ends[last]! - this.#starts[first]!;
    return time > 0 ? (packets / time) * 1e9 : 0;
  }

  /** The links that carried at least most of a probe's packets in bins `first` to `last`. */
  carrying(first: number, last: number, rate: number): Set<string> {
    return new Set(this.links.filter((link) => this.rate(link, first, last) >= MOST * rate));
  }

  /** The links that carried a probe in a window. */
  carryingIn({ from, to }: Window, rate: number): Set<string> {
    const first = this.firstAfter(from);
    const last = this.firstAfter(to) - 1;
    return last < first ? new Set() : this.carrying(first, last, rate);
  }

  /**
   * When traffic was back on its path to stay: the first bins from which on the same links carry the probe as on the primary path,
   * up to the end of the window. Bins in which no other link carries it count as a departure only where they last.
   * @returns the bracket of that instant, or nothing
   */
  backOn(
    primary: ReadonlySet<string>,
    { from, to }: Window,
    rate: number,
  ): { before: Instant; after: Instant } | undefined {
    const first = this.firstAfter(from);
    const end = this.firstAfter(to) - 1;
    const width = binsFor(rate);
    let since: number | undefined;
    let doubtful: number | undefined;
    for (let bin = first; bin + width - 1 <= end; bin++) {
      const carrying = this.carrying(bin, bin + width - 1, rate);
      if (sameSet(primary, carrying)) {
        since ??= bin;
        doubtful = undefined;
        continue;
      }
      doubtful ??= bin;
      const isElsewhere = [...carrying].some((link) => !primary.has(link));
      const lasts = this.ends[bin + width - 1]! - this.startOf(doubtful) > BRIEF;
      if (isElsewhere || lasts) since = undefined;
    }
    if (since === undefined) return undefined;
    let before = since - 1;
    while (before > first && this.#mayCarry(primary, before, rate)) before--;
    return { before: Math.max(from, this.#starts[before] ?? from), after: this.ends[since + width - 1]! };
  }

  /** Whether a bin holds too many packets on each of some links for the probe to have been away from them all the time. */
  #mayCarry(links: ReadonlySet<string>, bin: number, rate: number): boolean {
    return [...links].every((link) => this.rate(link, bin, bin) > (1 - MOST) * rate);
  }
}

/** How often the path tap reads the counters, nanoseconds. */
export const BIN = 20e6;

/** How many bins hold enough packets of a probe to tell where it goes: at least twenty. */
export const binsFor = (rate: number): number => Math.max(1, Math.ceil(20 / (rate * (BIN / 1e9))));

export const sameSet = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean =>
  a.size === b.size && [...a].every((item) => b.has(item));
