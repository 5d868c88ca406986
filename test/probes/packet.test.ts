import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  connectionOf,
  HEADER,
  isIntact,
  isOurs,
  numberOf,
  streamOf,
  writePacket,
} from '../../src/probes/packet.js';
import { StreamLog } from '../../src/probes/stream-log.js';

const word = fc.integer({ min: 0, max: 0xffffffff });
const identity = fc.record({
  tag: word,
  probe: fc.integer({ min: 0, max: 0xffff }),
  stream: fc.integer({ min: 0, max: 0xffff }),
  connection: word,
});

test('what is written is read again, and only by its own drill and probe', () => {
  fc.assert(
    fc.property(identity, word, fc.integer({ min: HEADER, max: 200 }), (who, number, size) => {
      const view = new DataView(new ArrayBuffer(256));
      writePacket(view, 8, size, who, number);
      expect(isOurs(view, 8, size, who.tag, who.probe)).toBe(true);
      expect(isOurs(view, 8, size, who.tag ^ 1, who.probe)).toBe(false);
      expect(isOurs(view, 8, size, who.tag, who.probe ^ 1)).toBe(false);
      expect([streamOf(view, 8), numberOf(view, 8), connectionOf(view, 8)]).toEqual([
        who.stream,
        number,
        who.connection,
      ]);
      expect(isIntact(view, 8, size)).toBe(true);
    }),
  );
});

test('any single bit that flips is noticed', () => {
  fc.assert(
    fc.property(identity, word, fc.integer({ min: HEADER, max: 100 }), fc.nat(), (who, number, size, bit) => {
      const view = new DataView(new ArrayBuffer(128));
      writePacket(view, 0, size, who, number);
      const at = bit % (size * 8);
      view.setUint8(at >> 3, view.getUint8(at >> 3) ^ (1 << (at & 7)));
      expect(isOurs(view, 0, size, who.tag, who.probe) && isIntact(view, 0, size)).toBe(false);
    }),
  );
});

test('a stream log keeps runs together and forgets what was taken', () => {
  const log = new StreamLog(3);
  for (const late of [10, 20, 30]) log.sent(late);
  log.sent(5, 'ENETUNREACH');
  log.sent(6, 'ENETUNREACH');
  for (const number of [0, 1, 3, 4, 2]) log.received(number, 100 + number);
  expect(log.take()).toEqual([
    {
      stream: 3,
      first: 0,
      late: [10, 20, 30, 5, 6],
      refused: [[3, 2, 'ENETUNREACH']],
      runs: [
        [0, 2],
        [3, 2],
        [2, 1],
      ],
      after: [100, 101, 103, 104, 102],
      corrupted: [],
    },
  ]);
  expect(log.take()).toEqual([]);
  log.sent(1);
  expect(log.take()).toMatchObject([{ first: 5, late: [1] }]);
});
