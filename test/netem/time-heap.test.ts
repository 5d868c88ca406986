import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimeHeap } from '../../src/netem/time-heap.js';

test('packets come out by time, those of one time in the order they came', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(20), fc.constant('pop' as const)), { maxLength: 3000 }), (acts) => {
      const heap = new TimeHeap();
      let model: { time: number; packet: number }[] = [];
      for (const [packet, act] of acts.entries()) {
        if (act !== 'pop') {
          heap.push(act, packet);
          model.push({ time: act, packet });
        } else if (model.length > 0) {
          const first = model.reduce((best, entry) => (entry.time < best.time ? entry : best));
          model = model.filter((entry) => entry !== first);
          expect(heap.first).toBe(first.time);
          expect(heap.pop()).toBe(first.packet);
        }
        expect(heap.size).toBe(model.length);
      }
      expect(heap.first).toBe(Math.min(Number.POSITIVE_INFINITY, ...model.map(({ time }) => time)));
    }),
  );
});
