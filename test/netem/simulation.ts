import { readTable, SCALE } from '../../src/netem/distribution.js';
import { type distributions, type Impairment, impairment } from '../../src/netem/impairment.js';
import { type PacketStore, Stage } from '../../src/netem/stage.js';

/** What became of a packet: when it left, and which of its bits were flipped. */
export interface Sent {
  packet: number;
  at: number;
  flipped: number[];
}

/** A stage in a world without machines: packets of one length, one each `gap` nanoseconds, that leave exactly when they are due. */
export function simulate(options: {
  said: Parameters<typeof impairment>[0];
  count: number;
  gap?: number;
  length?: number;
  segments?: number;
  seed?: number;
}): { sent: Sent[]; stage: Stage } {
  const { said, count, gap = 1e6, length = 100, segments = 1, seed = 1 } = options;
  const flipped = new Map<number, number[]>();
  const original = new Map<number, number>();
  let copies = count;
  const store: PacketStore = {
    lengthOf: () => length,
    segmentsOf: () => segments,
    copy(packet) {
      original.set(copies, packet);
      return copies++;
    },
    free: () => {},
    flipBit: (packet, bit) => void flipped.set(packet, [...(flipped.get(packet) ?? []), bit]),
  };
  const it: Impairment = impairment(said);
  const stage = new Stage({ impairment: it, store, seed, now: 0 });
  const sent: Sent[] = [];
  const drain = (from: number, until: number) => {
    for (let now = from; stage.next <= until; ) {
      now = Math.max(now, stage.next);
      const packet = stage.give(now);
      if (packet === undefined) continue;
      sent.push({ packet: original.get(packet) ?? packet, at: now, flipped: flipped.get(packet) ?? [] });
    }
  };
  for (let packet = 0; packet < count; packet++) {
    stage.take(packet, packet * gap);
    const next = packet === count - 1 ? Number.MAX_SAFE_INTEGER : (packet + 1) * gap;
    drain(packet * gap, next);
  }
  return { sent, stage };
}

/** Packets that did not arrive, in order. */
export function lostOf(sent: readonly Sent[], count: number): boolean[] {
  const lost = Array<boolean>(count).fill(true);
  for (const { packet } of sent) lost[packet] = false;
  return lost;
}

/** Standard deviations that a correct draw exceeds once in 10,000 times. */
export const RARE = 3.89;

/** How far a share may be from its probability, for so many independent draws. */
export const tolerance = (probability: number, draws: number): number =>
  RARE * Math.sqrt((probability * (1 - probability)) / draws) + 1 / draws;

/** Lengths of the runs of true. */
export function runLengths(values: readonly boolean[]): number[] {
  const lengths: number[] = [];
  let length = 0;
  for (const value of [...values, false]) {
    if (value) length++;
    else if (length > 0) {
      lengths.push(length);
      length = 0;
    }
  }
  return lengths;
}

/** Delays that a distribution makes equally likely, shortest first; nanoseconds. */
export function expectedDelays(
  distribution: (typeof distributions)[number],
  { delay, jitter }: { delay: number; jitter: number },
): number[] {
  const draws =
    distribution === 'uniform'
      ? Array.from({ length: 4096 }, (_, index) => (index + 0.5) / 2048 - 1)
      : [...readTable(distribution)].map((value) => value / SCALE);
  return draws.map((draw) => Math.max(0, delay + jitter * draw)).sort((a, b) => a - b);
}

/** Largest distance between two distribution functions, of values in order (Kolmogorov-Smirnov). */
export function distance(measured: readonly number[], expected: readonly number[]): number {
  let [worst, at] = [0, 0];
  for (const [index, value] of expected.entries()) {
    if (expected[index + 1] === value) continue;
    while (at < measured.length && measured[at]! <= value + 1) at++;
    worst = Math.max(worst, Math.abs(at / measured.length - (index + 1) / expected.length));
  }
  return worst;
}
