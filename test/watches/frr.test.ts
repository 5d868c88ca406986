import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BfdMessages } from '../../src/watches/bfd.js';
import { logsBgpChanges, parseBgpChange } from '../../src/watches/bgp.js';
import { parseFrrLine } from '../../src/watches/frr.js';
import { parseOspfChange } from '../../src/watches/ospf.js';

const change = (router: string, device: string, state: string, why: string, vrf = 'default') => ({
  router,
  vrf,
  device,
  state,
  why,
});

test.each([
  [
    '[Y05P2-YJVXY] AdjChg: Nbr 10.0.0.2, NbrIP 10.0.1.2 (default) on eth1:10.0.1.1: Full -> Init (1-WayReceived)',
    change('10.0.0.2', 'eth1', 'Init', '1-WayReceived'),
  ],
  [
    'AdjChg: Nbr 10.0.0.2(red) on eth1:10.0.1.1: Loading -> Full (LoadingDone)',
    change('10.0.0.2', 'eth1', 'Full', 'LoadingDone', 'red'),
  ],
  [
    'AdjChg: Nbr 10.0.0.2(default) on eth1.5:10.0.1.1: Full -> Deleted (KillNbr)',
    change('10.0.0.2', 'eth1.5', 'Deleted', 'KillNbr'),
  ],
  ['AdjChg: Nbr', undefined],
  ['Configuration Read in Took: 00:00:00', undefined],
])('ospfd says %s', (line, expected) => {
  expect(parseOspfChange(line)).toEqual(expected);
});

test.each([
  [
    '[PXVXG-TFNNT] %ADJCHANGE: neighbor 10.0.1.2(b) in vrf default Down Peer closed the session',
    { peer: '10.0.1.2', vrf: 'default', isUp: false, why: 'Peer closed the session' },
  ],
  [
    '%ADJCHANGE: neighbor fe80::1(Unknown) in vrf red Up',
    { peer: 'fe80::1', vrf: 'red', isUp: true, why: '' },
  ],
  ['%ADJCHANGE: neighbor eth1 in vrf default Up', { peer: 'eth1', vrf: 'default', isUp: true, why: '' }],
  ['%NOTIFICATION: sent to neighbor 10.0.1.2 6/7 (Cease)', undefined],
  ['%ADJCHANGE: neighbor 10.0.1.2(b) in vrf default Sideways', undefined],
])('bgpd says %s', (line, expected) => {
  expect(parseBgpChange(line)).toEqual(expected);
});

test.each([
  ['frr defaults traditional\nrouter bgp 1\n bgp router-id 10.0.0.1\n', false],
  ['frr defaults traditional\nrouter bgp 1\n bgp log-neighbor-changes\n', true],
  ['frr defaults datacenter\nrouter bgp 1\n', true],
  ['frr defaults datacenter\nrouter bgp 1\n no bgp log-neighbor-changes\n', false],
])('whether bgpd logs changes: %j', (configuration, expected) => {
  expect(logsBgpChanges(configuration)).toBe(expected);
});

describe('a line of the live log', () => {
  const message = (text: string, start = 72) => {
    const buffer = Buffer.alloc(start + Buffer.byteLength(text));
    buffer.writeBigUInt64LE(1_795_294_278n, 0);
    buffer.writeUInt32LE(311_874_000, 8);
    buffer.writeUInt32LE(start, 12);
    buffer.writeUInt32LE(3, 32);
    buffer.writeUInt32LE(Buffer.byteLength(text), 44);
    buffer.write(text, start);
    return buffer;
  };

  test('its text, its instant and what was lost before it', () => {
    const at = { seconds: 1_795_294_278, nanoseconds: 311_874_000 };
    expect(parseFrrLine(message('peer gestört', 128))).toEqual({ text: 'peer gestört', at, lost: 3 });
  });

  test('cut anywhere it is none, and no garbage is an error', () => {
    const whole = message('peer down', 128);
    for (let length = 0; length < whole.length; length++)
      expect(parseFrrLine(whole.subarray(0, length))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseFrrLine(Buffer.from(bytes))),
    );
  });
});

describe('messages of bfdd', () => {
  const message = (data: string) => {
    const header = Buffer.from([0, 0, 0, 0, 0, 0, 4, 1]);
    header.writeUInt32BE(Buffer.byteLength(data));
    return Buffer.concat([header, Buffer.from(data)]);
  };

  test('however they are cut, what is JSON is heard', () => {
    const stream = Buffer.concat(['{"op":"add"}', 'nonsense', '', '{"op":"status"}'].map(message));
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const messages = new BfdMessages();
        const heard = bounds
          .slice(1)
          .flatMap((to, index) => [...messages.add(stream.subarray(bounds[index], to))]);
        expect(heard).toEqual([{ op: 'add' }, { op: 'status' }]);
      }),
    );
  });

  test('another language is told as such', () => {
    expect(() => [...new BfdMessages().add(Buffer.from('HTTP/1.1 400 Bad Request'))]).toThrow(
      /another language/,
    );
  });
});
