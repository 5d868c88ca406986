import { readTable, SCALE } from './distribution.js';
import type { Impairment } from './impairment.js';
import { type Loss, lossModel, startLoss } from './loss.js';
import { Correlated, Random, threshold } from './random.js';
import { TimeHeap } from './time-heap.js';

/** What a stage did with packets. */
export interface Counters {
  /** Packets that came in. */
  packets: number;
  /** Packets that it lost, as told to. */
  lost: number;
  /** Packets that it had no room for. */
  overflowed: number;
  duplicated: number;
  corrupted: number;
  /** Packets that it sent before others that waited. */
  reordered: number;
}

/** Counters of nothing yet. */
export const noCounters = (): Counters => ({
  packets: 0,
  lost: 0,
  overflowed: 0,
  duplicated: 0,
  corrupted: 0,
  reordered: 0,
});

/** What a stage does packets to: copies, frees and damages them by their number. */
export interface PacketStore {
  /** Bytes. */
  lengthOf(packet: number): number;
  /** Packets that it will be on the line: more than one where the sender's kernel leaves its data to be cut into segments on the way. */
  segmentsOf(packet: number): number;
  /** Number of a copy; nothing where there is no room. */
  copy(packet: number): number | undefined;
  free(packet: number): void;
  flipBit(packet: number, bit: number): void;
}

/** Draws that decide what becomes of a packet. */
interface Chances {
  loss: Loss;
  duplicate: () => boolean;
  corrupt: () => boolean;
  reorder: () => boolean;
  delay: () => number;
}

/**
 * One impairment of one direction: which packets wait for how long, and which are lost, doubled or damaged. The order of what is done,
 * the draws and the arithmetic are those of the kernel's netem (sch_netem.c), so that the same words give the same traffic.
 */
export class Stage {
  counters: Counters = noCounters();
  readonly #store: PacketStore;
  readonly #random: Random;
  readonly #queue = new TimeHeap();
  #it: Impairment;
  #chances: Chances;
  /** When the last of the packets that wait is due. */
  #tail = 0;
  /** Packets that wait, each segment counted. */
  #waiting = 0;
  /** Packets since the last one that was sent at once. */
  #since = 0;
  #slot: { next: number; packets: number; bytes: number } | undefined;
  #isRetired = false;

  constructor(options: { impairment: Impairment; store: PacketStore; seed: number; now: number }) {
    this.#store = options.store;
    this.#random = new Random(options.seed);
    this.#it = options.impairment;
    this.#chances = this.#draws();
    if (this.#it.slot) this.#openSlot(options.now);
  }

  /** Changes the parameters; what waits keeps its time, as with `tc qdisc change`. */
  change(impairment: Impairment, now: number): void {
    if (this.#isRetired) this.counters = noCounters();
    this.#isRetired = false;
    this.#it = impairment;
    this.#chances = this.#draws();
    this.#slot = undefined;
    if (impairment.slot) this.#openSlot(now);
  }

  #draws(): Chances {
    const it = this.#it;
    const random = this.#random;
    const chance = (of: { percent: number; correlation: number } | undefined) => {
      if (!of || of.percent === 0) return () => false;
      const draws = new Correlated(random, of.correlation);
      const most = threshold(of.percent);
      return () => draws.draw() <= most;
    };
    return {
      loss: startLoss(lossModel(it), random),
      duplicate: chance(it.duplicate),
      corrupt: chance(it.corrupt),
      reorder: chance(it.reorder),
      delay: delays(it, random),
    };
  }

  /** Lets all that comes now pass untouched; what waits keeps its time. */
  retire(): void {
    this.#isRetired = true;
  }

  /** Whether it was retired, and nothing waits any more. */
  get isOver(): boolean {
    return this.#isRetired && this.#queue.size === 0;
  }

  /** Takes a packet over. */
  take(packet: number, now: number): void {
    const segments = this.#store.segmentsOf(packet);
    if (this.#isRetired) this.#push(now, packet);
    else if (segments > 1) this.#takeSegments(packet, segments, now);
    else this.#takeOne(packet, now);
  }

  /** Segments come together only while the delay is constant, or was an instant ago: it is all there is to do. */
  #takeSegments(packet: number, segments: number, now: number): void {
    this.counters.packets += segments;
    if (this.#waiting + segments <= this.#it.limit) this.#push(now + this.#it.delay, packet);
    else {
      this.counters.overflowed += segments;
      this.#store.free(packet);
    }
  }

  #takeOne(packet: number, now: number): void {
    this.counters.packets++;
    const isDoubled = this.#chances.duplicate();
    const isLost = this.#chances.loss();
    if (isLost && !isDoubled) {
      this.counters.lost++;
      this.#store.free(packet);
      return;
    }
    if (isDoubled && !isLost) {
      const copy = this.#store.copy(packet);
      this.counters.duplicated++;
      if (copy === undefined) this.counters.overflowed++;
      else if (this.#chances.loss()) {
        // The kernel puts the copy in anew: it may be lost by itself.
        this.counters.lost++;
        this.#store.free(copy);
      } else this.#admit(copy, now);
    }
    this.#admit(packet, now);
  }

  #admit(packet: number, arrival: number): void {
    const length = this.#store.lengthOf(packet);
    if (this.#chances.corrupt()) {
      this.counters.corrupted++;
      this.#store.flipBit(packet, this.#random.draw() % (length * 8));
    }
    if (this.#waiting >= this.#it.limit) {
      this.counters.overflowed++;
      this.#store.free(packet);
      return;
    }
    const { gap = 0 } = this.#it;
    if (gap !== 0 && this.#since < gap - 1) this.#delay(packet, arrival, length);
    else if (!this.#chances.reorder()) this.#delay(packet, arrival, length);
    else {
      this.#since = 0;
      this.counters.reordered++;
      this.#push(Number.NEGATIVE_INFINITY, packet);
    }
  }

  #delay(packet: number, arrival: number, length: number): void {
    let now = arrival;
    let delay = this.#chances.delay();
    if (this.#it.rate !== undefined) {
      if (this.#queue.size > 0) {
        delay = Math.max(0, delay - (this.#tail - now));
        now = this.#tail;
      }
      delay += transmission(length, this.#it as Impairment & { rate: number });
    }
    const due = now + delay;
    this.#tail = this.#queue.size === 0 ? due : Math.max(this.#tail, due);
    this.#since++;
    // A draw below nothing means at once. Its own instant would lie before the packet came, and look as if the relay had been late.
    this.#push(Math.max(arrival, due), packet);
  }

  #push(due: number, packet: number): void {
    this.#waiting += this.#store.segmentsOf(packet);
    this.#queue.push(due, packet);
  }

  #pop(): number {
    const packet = this.#queue.pop();
    this.#waiting -= this.#store.segmentsOf(packet);
    return packet;
  }

  /** When something is due next; infinity where nothing waits. */
  get next(): number {
    return Math.max(
      this.#queue.first,
      this.#slot && this.#queue.size > 0 ? this.#slot.next : Number.NEGATIVE_INFINITY,
    );
  }

  /** The next packet that is due; nothing where none is. */
  give(now: number): number | undefined {
    if (this.#queue.size === 0) return undefined;
    if (this.#slot && this.#slot.next < this.#queue.first) this.#openSlot(now);
    if (this.next > now) return undefined;
    const packet = this.#pop();
    const slot = this.#slot;
    if (slot) {
      slot.packets--;
      slot.bytes -= this.#store.lengthOf(packet);
      if (slot.packets <= 0 || slot.bytes <= 0) this.#openSlot(now);
    }
    return packet;
  }

  /** Takes out the next packet, due or not. */
  remove(): number | undefined {
    return this.#queue.size === 0 ? undefined : this.#pop();
  }

  #openSlot(now: number): void {
    const {
      min,
      max = min,
      packets = Number.POSITIVE_INFINITY,
      bytes = Number.POSITIVE_INFINITY,
    } = this.#it.slot!;
    const wait = min + (this.#random.draw() / 2 ** 32) * (max - min);
    this.#slot = { next: now + wait, packets, bytes };
  }
}

/** Draws delays (sch_netem.c, tabledist). */
function delays(
  { delay, jitter, distribution, 'delay-correlation': correlation }: Impairment,
  random: Random,
) {
  if (jitter === 0) return () => delay;
  const draws = new Correlated(random, correlation);
  const share = () => draws.draw() / 2 ** 32;
  // The kernel takes the rest of a division, which leaves nothing of the correlation; the manual promises it.
  if (distribution === 'uniform') return () => delay - jitter + share() * 2 * jitter;
  const table = readTable(distribution);
  return () => delay + (jitter * table[Math.floor(share() * table.length)]!) / SCALE;
}

/** How long a packet takes at a bit rate, nanoseconds (sch_netem.c, packet_time_ns). */
function transmission(length: number, it: Impairment & { rate: number }): number {
  let bytes = length + it['packet-overhead'];
  if (it['cell-size'] > 0)
    bytes = Math.ceil(bytes / it['cell-size']) * (it['cell-size'] + it['cell-overhead']);
  return (bytes * 8e9) / it.rate;
}
