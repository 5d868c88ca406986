import { expect, test } from 'vitest';
import { judgeHandshake } from '../../src/watches/wireguard.js';

const PEER = `${'A'.repeat(43)}=`;
const dump = (handshake: string, peer = PEER) =>
  `private\tpublic\t51820\toff\n${peer}\t(none)\t10.0.1.2:51820\t10.8.0.2/32\t${handshake}\t0\t0\t1\n`;

test.each<[string, number, boolean, RegExp]>([
  ['1000', 1004.9, false, /4\.9 s ago/],
  // It may have been at the very end of second 1000.
  ['1000', 1005.9, false, /5\.9 s ago/],
  ['1000', 1006, true, /6 s ago/],
  ['0', 1000, true, /no handshake so far/],
])('a handshake at second %s, %d s now, limit 5 s', (handshake, now, active, detail) => {
  const sight = judgeHandshake(dump(handshake), { peer: PEER, age: 5e9, now: now * 1e9 });
  expect(sight).toEqual({ active, detail: expect.stringMatching(detail) });
});

test('another peer, or no dump, is an error', () => {
  const judge = (text: string) => () => judgeHandshake(text, { peer: PEER, age: 5e9, now: 0 });
  expect(judge(dump('0', 'B'.repeat(44)))).toThrow(/no peer/);
  expect(judge('')).toThrow(/no peer/);
  expect(judge(dump('soon'))).toThrow(/something else/);
  expect(judge(`\n${PEER}`)).toThrow(/something else/);
});
