import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SecurityAssociations } from '../../src/watches/ike.js';
import { encodeVici, VICI, type ViciMessage, ViciPackets } from '../../src/watches/vici.js';

/** A message as charon encodes it. */
function encode(message: ViciMessage): Buffer {
  const text = (value: string, bytes: 1 | 2) => {
    const body = Buffer.from(value);
    const length = Buffer.alloc(bytes);
    length.writeUIntBE(body.length, 0, bytes);
    return Buffer.concat([length, body]);
  };
  return Buffer.concat(
    Object.entries(message).flatMap(([key, value]) => {
      const name = text(key, 1);
      if (typeof value === 'string') return [Buffer.from([3]), name, text(value, 2)];
      if (Array.isArray(value))
        return [
          Buffer.from([4]),
          name,
          ...value.flatMap((item) => [Buffer.from([5]), text(item, 2)]),
          Buffer.from([6]),
        ];
      return [Buffer.from([1]), name, encode(value), Buffer.from([2])];
    }),
  );
}

function packet(name: string, message: ViciMessage): Buffer {
  const body = Buffer.concat([Buffer.from([VICI.event, name.length]), Buffer.from(name), encode(message)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text !== '__proto__');
const { message: anyMessage } = fc.letrec<{ message: ViciMessage }>((tie) => ({
  message: fc.dictionary(
    word,
    fc.oneof({ maxDepth: 3 }, fc.string(), fc.array(fc.string(), { maxLength: 3 }), tie('message')),
    { maxKeys: 4, noNullPrototype: true },
  ) as fc.Arbitrary<ViciMessage>,
}));

describe('packets of vici', () => {
  test('what is encoded is read, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 3 }), fc.array(fc.nat(500)), (messages, cuts) => {
        const stream = Buffer.concat(messages.map((message) => packet('ike-updown', message)));
        const bounds = [0, ...cuts.filter((cut) => cut < stream.length).sort((a, b) => a - b), stream.length];
        const packets = new ViciPackets();
        const read = bounds
          .slice(1)
          .flatMap((to, index) => [...packets.add(stream.subarray(bounds[index], to))]);
        expect(JSON.parse(JSON.stringify(read))).toEqual(
          messages.map((message) => ({ type: VICI.event, name: 'ike-updown', message })),
        );
      }),
    );
  });

  test('garbage is read or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(bytes.length);
        try {
          for (const { message } of new ViciPackets().add(Buffer.concat([length, bytes])))
            expect(message).toBeTypeOf('object');
        } catch (error) {
          expect(String(error)).toMatch(/vici/);
        }
      }),
      { numRuns: 2000 },
    );
    expect(() => [...new ViciPackets().add(Buffer.from('HTTP/1.1 400 Bad Request'))]).toThrow(
      /another language/,
    );
  });

  test('a request', () => {
    expect(encodeVici(VICI.register, 'list-sa')).toEqual(Buffer.from('\0\0\0\x09\x03\x07list-sa', 'latin1'));
  });
});

describe('security associations', () => {
  const ike = (id: string, more: ViciMessage = {}) => ({ uniqueid: id, state: 'ESTABLISHED', ...more });
  const child = (id: string, state = 'INSTALLED', name = 'net') => ({
    [`${name}-${id}`]: { name, uniqueid: id, state },
  });
  const heard = (wanted: { connection?: string; child?: string }, ...events: [string, ViciMessage][]) => {
    const associations = new SecurityAssociations(wanted);
    return events.map(([name, message]) => {
      associations.hear({ type: VICI.event, name, message });
      return associations.count;
    });
  };

  test.each<[string, { connection?: string; child?: string }, [string, ViciMessage][], number[]]>([
    [
      'up, rekeyed, down',
      { connection: 'hq' },
      [
        ['ike-updown', { up: 'yes', hq: ike('1') }],
        ['ike-rekey', { hq: { old: ike('1'), new: ike('2') } }],
        ['ike-updown', { hq: ike('1') }],
        ['ike-updown', { hq: ike('2') }],
      ],
      [1, 1, 1, 0],
    ],
    [
      'another connection is not this one',
      { connection: 'hq' },
      [
        ['list-sa', { branch: ike('1') }],
        ['ike-updown', { up: 'yes', branch: ike('2') }],
      ],
      [0, 0],
    ],
    [
      'one that is still being set up is not up; of two, one is enough',
      {},
      [
        ['list-sa', { hq: { ...ike('1'), state: 'CONNECTING' } }],
        ['list-sa', { hq: ike('2') }],
        ['list-sa', { hq: ike('3') }],
        ['ike-updown', { hq: ike('2') }],
      ],
      [0, 1, 2, 1],
    ],
    [
      'a child, for which its IKE_SA is no news',
      { connection: 'hq', child: 'net' },
      [
        [
          'list-sa',
          { hq: ike('1', { 'child-sas': { ...child('1', 'ROUTED'), ...child('7', 'INSTALLED', 'voip') } }) },
        ],
        ['ike-updown', { up: 'yes', hq: ike('1') }],
        ['child-updown', { up: 'yes', hq: ike('1', { 'child-sas': child('2') }) }],
        [
          'child-rekey',
          {
            hq: ike('1', { 'child-sas': { net: { old: child('2')['net-2']!, new: child('3')['net-3']! } } }),
          },
        ],
        ['child-updown', { hq: ike('1', { 'child-sas': child('3') }) }],
      ],
      [0, 0, 1, 1, 0],
    ],
  ])('%s', (_, wanted, events, counts) => {
    expect(heard(wanted, ...events)).toEqual(counts);
  });
});
