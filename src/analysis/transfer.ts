import type { Instant } from '../linux/clock.js';
import type { TransferData, Way } from '../probes/probe.js';
import type { Window } from './runs.js';
import { countBelow } from './sorted.js';

/** What is counted in each bin of a transfer. */
export type Counter = 'received' | 'sent' | 'resent' | 'retransmissions';

const COUNTERS: readonly Counter[] = ['received', 'sent', 'resent', 'retransmissions'];

/** A count over a window: what surely belongs to it, what may belong to it, and what would if it were spread evenly over its bins. */
export interface Count {
  value: number;
  lower: number;
  upper: number;
}

/** Everything that is known of one stream of a bulk transfer, in bins one after the other. */
export class TransferTrack {
  readonly flow: number;
  readonly way: Way;
  /** The earliest that each bin may have begun and the latest that it may have ended: bins may overlap. */
  readonly starts: Instant[] = [];
  readonly ends: Instant[] = [];
  /** Smoothed round-trip time at the end of each bin, nanoseconds; 0 where there is none. */
  readonly rtt: number[] = [];
  readonly #counts = new Map<Counter, number[]>();

  constructor({ flow, way }: { flow: number; way: Way }) {
    this.flow = flow;
    this.way = way;
  }

  /** Adds what a recording line says; its round-trip times are whole microseconds. */
  add({ from, at, early = 0, rtt, ...counts }: Omit<TransferData, 'stream'>): void {
    for (const [index, end] of at.entries()) {
      this.starts.push((index === 0 ? from : at[index - 1]!) - early);
      this.ends.push(end);
      this.rtt.push((rtt?.[index] ?? 0) * 1000);
    }
    for (const counter of COUNTERS) {
      const added = counts[counter];
      if (!added) continue;
      const known = this.#counts.get(counter) ?? [];
      for (const count of added) known.push(count);
      this.#counts.set(counter, known);
    }
  }

  /** Lets go of bins that end before an instant. */
  forget(before: Instant): void {
    const gone = this.firstAfter(before);
    for (const list of [this.starts, this.ends, this.rtt, ...this.#counts.values()]) list.splice(0, gone);
  }

  /** Whether something was counted at all. */
  counts(counter: Counter): boolean {
    return this.#counts.has(counter);
  }

  /** What was counted in a bin. */
  in(counter: Counter, bin: number): number {
    return this.#counts.get(counter)?.[bin] ?? 0;
  }

  /** Index of the first bin that ends after an instant. */
  firstAfter(instant: Instant): number {
    return countBelow(this.ends, instant, 'or equal');
  }

  /** Whether its bins reach over a window without a gap. */
  covers({ from, to }: Window): boolean {
    const first = this.firstAfter(from);
    if (first === this.ends.length || this.starts[first]! > from || this.ends.at(-1)! < to) return false;
    for (let bin = first + 1; this.starts[bin]! < to; bin++)
      if (this.starts[bin]! > this.ends[bin - 1]!) return false;
    return true;
  }

  /** What was counted in a window. It counts surely where its bin lies in the window, and possibly where its bin reaches into it. */
  count(counter: Counter, { from, to }: Window): Count {
    const sum: Count = { value: 0, lower: 0, upper: 0 };
    for (let bin = this.firstAfter(from); this.starts[bin]! < to; bin++) {
      const [start, end, count] = [this.starts[bin]!, this.ends[bin]!, this.in(counter, bin)];
      const share = (Math.min(end, to) - Math.max(start, from)) / (end - start);
      sum.value += count * share;
      sum.upper += count;
      if (start >= from && end <= to) sum.lower += count;
    }
    return sum;
  }
}

/** Sums of counts. */
export const add = (a: Count, b: Count): Count => ({
  value: a.value + b.value,
  lower: a.lower + b.lower,
  upper: a.upper + b.upper,
});

/** The streams of each way. */
export const byWay = (transfers: readonly TransferTrack[]): { way: Way; tracks: TransferTrack[] }[] =>
  [...new Set(transfers.map(({ way }) => way))].map((way) => ({
    way,
    tracks: transfers.filter((track) => track.way === way),
  }));

/** The streams of each way that are known over a window. */
export const waysOver = (transfers: readonly TransferTrack[], window: Window) =>
  byWay(transfers).filter(({ tracks }) => tracks.every((track) => track.covers(window)));
