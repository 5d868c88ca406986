import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressBytes, addressText } from '../../src/linux/links.js';
import { attribute, decode, nested, parseAttributes, u32 } from '../../src/linux/netlink.js';
import { decodeAddress, encodeAddress } from '../../src/linux/socket-address.js';

test.each(['10.0.0.1', '255.255.255.255', '2001:db8::1', '::', '::1', 'fe80::1:0:0:2', '1:2:3:4:5:6:7:8'])(
  '%s is read and written back',
  (text) => {
    expect(addressText(addressBytes(text))).toBe(text);
  },
);

test.each(['10.0.0', '10.0.0.256', 'x', ''])('"%s" is no address', (text) => {
  expect(() => addressBytes(text)).toThrow('not an IP address');
});

test('any address survives both ways', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.integer({ min: 0, max: 65535 }),
      (bytes, port) => {
        expect([...addressBytes(addressText(bytes))]).toEqual([...bytes]);
        const address = addressText(bytes);
        expect(decodeAddress(encodeAddress(address, port))).toEqual({ address, port });
      },
    ),
  );
});

test('attributes are found again, whatever their length', () => {
  const values = fc.uniqueArray(
    fc.tuple(fc.integer({ min: 1, max: 200 }), fc.uint8Array({ maxLength: 40 })),
    {
      selector: ([type]) => type,
    },
  );
  fc.assert(
    fc.property(values, (list) => {
      const body = Buffer.concat([Buffer.alloc(12), ...list.map(([type, value]) => attribute(type, value))]);
      const found = parseAttributes(body, 12);
      expect([...found].map(([type, value]) => [type, [...value]])).toEqual(
        list.map(([type, value]) => [type, [...value]]),
      );
    }),
  );
});

test('nested attributes and messages in one datagram', () => {
  const inner = parseAttributes(nested(7, u32(1, 0xffffffff)), 0).get(7)!;
  expect(parseAttributes(inner, 0).get(1)!.readUInt32LE()).toBe(0xffffffff);
  const message = (type: number, length: number) => {
    const buffer = Buffer.alloc(Math.max(16, (length + 3) & ~3));
    buffer.writeUInt32LE(length, 0);
    buffer.writeUInt16LE(type, 4);
    return buffer;
  };
  expect([...decode(Buffer.concat([message(1, 17), message(2, 20)]))].map(({ type }) => type)).toEqual([
    1, 2,
  ]);
  expect([...decode(message(1, 4))]).toEqual([]);
});
