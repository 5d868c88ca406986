import fc from 'fast-check';
import { expect, test } from 'vitest';
import { impairedRuns } from '../../src/analysis/runs.js';
import { StreamTrack } from '../../src/analysis/track.js';

const MS = 1e6;
const THRESHOLD = 100 * MS;

/** A packet as a simple model has it: when it was due, and when copies of it arrived. */
interface Packet {
  arrivals: number[];
}

const packet = fc.record({ arrivals: fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 2 }) });

const FATES = ['lost', 'late', 'duplicated', 'reordered'] as const;

/** What each packet suffered by the definitions, read straight off the list of arrivals; worst first. */
function model(packets: Packet[], interval: number): (typeof FATES)[number][][] {
  const arrivals = packets
    .flatMap(({ arrivals }, number) => arrivals.map((after) => ({ number, at: number * interval + after })))
    .sort((a, b) => a.at - b.at || a.number - b.number);
  return packets.map(({ arrivals: own }, number) => {
    const first = arrivals.findIndex((arrival) => arrival.number === number);
    const suffered = {
      lost: first < 0,
      late: Math.min(...own) * MS > THRESHOLD && first >= 0,
      duplicated: own.length > 1,
      reordered: first >= 0 && arrivals.slice(0, first).some((arrival) => arrival.number > number),
    };
    return FATES.filter((fate) => suffered[fate]);
  });
}

test('the fate of every packet is what a simple model says', () => {
  const interval = 10;
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (packets, chunk) => {
      const track = new StreamTrack({ flow: 0, way: 'there', start: 0, interval: interval * MS });
      const arrivals = packets
        .flatMap(({ arrivals }, number) =>
          arrivals.map((after) => ({ number, after, at: number * interval + after })),
        )
        .sort((a, b) => a.at - b.at || a.number - b.number);
      for (let first = 0; first < packets.length; first += chunk) {
        const late = packets.slice(first, first + chunk).map(() => 0);
        track.add({ first, late, runs: [], after: [], corrupted: [] });
      }
      for (const { number, after } of arrivals)
        track.add({ first: 0, late: [], runs: [[number, 1]], after: [after * 1000], corrupted: [] });
      const expected = model(packets, interval);
      expect(packets.map((_, number) => track.fate(number, THRESHOLD))).toEqual(
        expected.map(([worst]) => worst),
      );
      const all = packets.map((_, number) => FATES.filter((fate) => track.suffered(number, fate, THRESHOLD)));
      expect(all).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('runs cover exactly the impaired packets of the window', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.nat(60), fc.nat(60), (arrives, a, b) => {
      const track = new StreamTrack({ flow: 0, way: 'there', start: 3 * MS, interval: 10 * MS });
      const runs = arrives.flatMap((ok, number): [number, number][] => (ok ? [[number, 1]] : []));
      track.add({ first: 0, late: arrives.map(() => 0), runs, after: runs.map(() => 100), corrupted: [] });
      const window = { from: (Math.min(a, b) * 10 + 3) * MS, to: (Math.max(a, b) * 10 + 3) * MS };
      const found = impairedRuns(track, window, THRESHOLD).flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index),
      );
      const expected = arrives.flatMap((ok, number) =>
        !ok && number >= Math.min(a, b) && number < Math.max(a, b) ? [number] : [],
      );
      expect(found).toEqual(expected);
    }),
  );
});
