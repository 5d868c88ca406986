import { afterEach, describe, expect, test } from 'vitest';
import { listLinks } from '../../src/linux/links.js';
import { Netlink } from '../../src/linux/netlink.js';
import type { Attachment } from '../../src/netem/engine.js';
import { impairment } from '../../src/netem/impairment.js';
import type { Match } from '../../src/netem/match.js';
import { userspace } from '../../src/netem/userspace.js';
import { RARE, runLengths, tolerance } from '../netem/simulation.js';
import { ipv4, numbered, Wire } from './wire.js';

const MS = 1e6;
const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

/** A wire with an engine on it; with a match only what fits is impaired. */
async function attached({ mtu = 1500, matches = [] }: { mtu?: number; matches?: Match[] } = {}) {
  const wire = new Wire(mtu);
  let broken: Error | undefined;
  const engine = await userspace.start({
    clock: wire.clock,
    seed: 1,
    late: () => {},
    fail: (error) => {
      broken = error;
    },
  });
  ended.push(async () => {
    await engine[Symbol.asyncDispose]();
    wire[Symbol.dispose]();
    expect(broken).toBeUndefined();
  });
  const way = await engine.attach({ egress: wire.egress, matches });
  return { wire, engine, way };
}

const set = (way: Attachment, said: Parameters<typeof impairment>[0], name = 'x') =>
  way.set(name, impairment(said));

describe('delay', () => {
  test.each(['5ms', '20ms', '100ms'])(
    '%s: no packet sooner, in their order, half of them at most 2 ms later',
    async (delay) => {
      const { wire, way } = await attached();
      await set(way, { delay });
      const { arrived } = await wire.run({ count: 300, gap: 1 * MS, wait: 300 });
      const expected = Number.parseFloat(delay) * MS;
      expect(arrived.map(({ number }) => number)).toEqual(Array.from({ length: 300 }, (_, index) => index));
      const took = arrived.map(({ took }) => took).sort((a, b) => a - b);
      expect(took[0]! - expected).toBeGreaterThan(-0.02 * MS);
      expect(took[150]! - expected).toBeLessThan(2 * MS);
    },
  );

  test('jitter reorders, as it does with netem', async () => {
    const { wire, way } = await attached();
    await set(way, { delay: '20ms', jitter: '10ms', distribution: 'normal' });
    const { arrived } = await wire.run({ count: 500, gap: 1 * MS, wait: 300 });
    expect(arrived).toHaveLength(500);
    const mean = arrived.reduce((sum, { took }) => sum + took, 0) / 500;
    expect(Math.abs(mean - 20 * MS)).toBeLessThan(RARE * (10 / Math.sqrt(500)) * MS + 1 * MS);
    expect(arrived.some(({ number }, index) => index > 0 && number < arrived[index - 1]!.number)).toBe(true);
  });

  test('rate: each packet takes its time on the line', async () => {
    const { wire, way } = await attached();
    await set(way, { rate: '10mbit' });
    const { left, arrived } = await wire.run({
      count: 400,
      wait: 700,
      frame: (number) => numbered(number, { length: 1500 }),
    });
    const took = arrived.at(-1)!.at - left[0]!;
    expect(arrived).toHaveLength(400);
    expect(took).toBeGreaterThan(399 * 1.2 * MS);
    expect(took).toBeLessThan(430 * 1.2 * MS);
  });
});

describe('loss in the kernel', () => {
  const COUNT = 50_000;
  test.each([0.1, 1, 5, 20, 100])('%s percent', async (percent) => {
    const { wire, way } = await attached();
    await set(way, { loss: `${percent}%` });
    const { arrived } = await wire.run({ count: COUNT });
    const share = 1 - arrived.length / COUNT;
    expect(Math.abs(share - percent / 100)).toBeLessThanOrEqual(tolerance(percent / 100, COUNT));
    expect(await way.counters('x')).toMatchObject({ packets: COUNT, lost: COUNT - arrived.length });
  });

  test('Gilbert-Elliott: bursts are as long as the chain says', async () => {
    const { wire, way } = await attached();
    await set(way, { loss: { gemodel: { p: '2%', r: '25%' } } });
    const { arrived } = await wire.run({ count: COUNT });
    const lost = Array<boolean>(COUNT).fill(true);
    for (const { number } of arrived) lost[number] = false;
    for (const [lengths, leave] of [
      [runLengths(lost), 0.25],
      [runLengths(lost.map((is) => !is)), 0.02],
    ] as const) {
      const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
      const spread = Math.sqrt(1 - leave) / leave / Math.sqrt(lengths.length);
      expect(Math.abs(mean - 1 / leave)).toBeLessThan(RARE * spread);
    }
  });

  test('four states: as many are lost as the chain says', async () => {
    const { wire, way } = await attached();
    // Without p32 and p14 it is a chain of two states, of which the long run is known.
    await set(way, { loss: { state: { p13: '2%', p31: '25%' } } });
    const { arrived } = await wire.run({ count: COUNT });
    const expected = 0.02 / 0.27;
    const spread = Math.sqrt((expected * (1 - expected) * (1.73 / 0.27)) / COUNT);
    expect(Math.abs(1 - arrived.length / COUNT - expected)).toBeLessThan(RARE * spread);
  });

  test('it takes effect within 0.2 ms, and none is lost before or after', async () => {
    const { wire, way } = await attached();
    const brackets = [];
    for (let turn = 0; turn < 20; turn++) {
      brackets.push(await set(way, { loss: '100%' }), await way.clear('x'));
    }
    const widths = brackets.map(({ before, after }) => after - before).sort((a, b) => a - b);
    expect(widths[20]!).toBeLessThan(0.2 * MS);
    expect((await wire.run({ count: 1000 })).arrived).toHaveLength(1000);
  });
});

describe('damage', () => {
  test('corruption flips one bit of a packet, and of no other', async () => {
    const { wire, way } = await attached();
    await set(way, { corrupt: '20%' });
    wire.receive();
    const frames = Array.from({ length: 1000 }, (_, number) => numbered(number));
    for (const frame of frames) wire.send(frame);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const flipped = wire.receive().map(({ frame }, number) => bits(frame, frames[number]!));
    expect(flipped).toHaveLength(1000);
    expect(new Set(flipped)).toEqual(new Set([0, 1]));
    const share = flipped.filter((count) => count === 1).length / 1000;
    expect(Math.abs(share - 0.2)).toBeLessThan(tolerance(0.2, 1000));
  });

  test('duplicates', async () => {
    const { wire, way } = await attached();
    await set(way, { duplicate: '10%' });
    const { arrived } = await wire.run({ count: 2000 });
    expect(new Set(arrived.map(({ number }) => number)).size).toBe(2000);
    expect(Math.abs(arrived.length / 2000 - 1.1)).toBeLessThan(tolerance(0.1, 2000));
  });

  test('reordered packets overtake those that wait', async () => {
    const { wire, way } = await attached();
    await set(way, { delay: '20ms', reorder: '100%', gap: 10 });
    const { arrived } = await wire.run({ count: 200, gap: 1 * MS });
    expect(arrived).toHaveLength(200);
    const early = arrived.filter(({ took }) => took < 15 * MS).map(({ number }) => number);
    expect(early).toEqual(Array.from({ length: 20 }, (_, index) => 10 * index + 9));
  });

  test('what the queue has no room for is lost', async () => {
    const { wire, way } = await attached();
    await set(way, { delay: '500ms', limit: 100 });
    const { arrived } = await wire.run({ count: 300, wait: 800 });
    expect(arrived.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(await way.counters('x')).toMatchObject({ packets: 300, overflowed: 200 });
  });
});

describe('frames of all sorts pass as they are', () => {
  test.each([64, 100, 1514])('%d bytes', async (length) => {
    const { wire, way } = await attached();
    await set(way, { delay: '5ms' });
    const frame = (number: number) => numbered(number, { length });
    const { arrived } = await wire.run({ count: 100, frame });
    expect(arrived.map(({ frame }) => frame.toString('hex'))).toEqual(
      Array.from({ length: 100 }, (_, number) => frame(number).toString('hex')),
    );
  });

  test('9000 bytes and a VLAN tag', async () => {
    const { wire, way } = await attached({ mtu: 9004 });
    await set(way, { delay: '5ms' });
    const frame = (number: number) =>
      numbered(number, { length: 9018, type: 0x8100, head: Buffer.from([0, 42, 0x08, 0]) });
    const { arrived } = await wire.run({ count: 50, frame });
    // The kernel keeps the tag beside the frame it hands over.
    expect(arrived.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, number) => number));
    expect(arrived.every(({ frame }) => [9014, 9018].includes(frame.length))).toBe(true);
  });
});

describe('only what matches is impaired', () => {
  const all = {
    udp: ipv4({}),
    tcp: ipv4({ protocol: 6 }),
    other: ipv4({ destination: '10.0.1.2' }),
    ports: ipv4({ ports: [1000, 53] }),
    urgent: ipv4({ dscp: 46 }),
    long: ipv4({ options: 3, ports: [7, 53] }),
    later: ipv4({ fragment: 100, ports: [1000, 53] }),
  };
  test.each<[Match | Match[], (keyof typeof all)[]]>([
    [
      [{ protocol: 'tcp' }, { dscp: 46 }, { source: '2001:db8::/32' }],
      ['tcp', 'urgent'],
    ],
    [{ protocol: 'tcp' }, ['tcp']],
    [{ destination: '10.0.1.0/24' }, ['other']],
    [{ 'destination-port': 53 }, ['ports', 'long']],
    [{ 'source-port': 7, protocol: 17 }, ['long']],
    [{ dscp: 46 }, ['urgent']],
    [{ source: '10.0.0.1', 'destination-port': 2000 }, ['udp', 'tcp', 'other', 'urgent']],
    [{ source: '2001:db8::/32' }, []],
  ])('%j', async (match, expected) => {
    const { wire, way } = await attached({ matches: [match].flat() });
    await set(way, { loss: '100%' });
    const names = Object.keys(all) as (keyof typeof all)[];
    const frame = (number: number) => numbered(number, { type: 0x0800, head: all[names[number]!] });
    const { arrived } = await wire.run({ count: names.length, frame });
    const passed = arrived.map(({ number }) => names[number]);
    expect(names.filter((name) => !passed.includes(name))).toEqual(expected);
  });

  test('by length', async () => {
    const { wire, way } = await attached({ matches: [{ 'longer-than': 500 }] });
    await set(way, { loss: '100%' });
    const lengths = [100, 514, 515, 1514];
    const frame = (number: number) =>
      numbered(number, { length: lengths[number]!, type: 0x0800, head: ipv4({}) });
    const { arrived } = await wire.run({ count: 4, frame });
    expect(arrived.map(({ number }) => lengths[number])).toEqual([100, 514]);
  });

  test('of IPv6, and behind a VLAN tag', async () => {
    const { wire, way } = await attached({
      matches: [{ destination: '2001:db8::/32', 'destination-port': 53 }],
    });
    await set(way, { loss: '100%' });
    const ipv6 = (port: number) => {
      const head = Buffer.alloc(44);
      head.writeUInt8(0x60, 0);
      head.writeUInt8(17, 6);
      head.set([0x20, 0x01, 0x0d, 0xb8], 24);
      head.writeUInt16BE(port, 42);
      return head;
    };
    const tag = Buffer.from([0, 42, 0x86, 0xdd]);
    const frames = [
      numbered(0, { length: 120, type: 0x86dd, head: ipv6(53) }),
      numbered(1, { length: 120, type: 0x86dd, head: ipv6(54) }),
      numbered(2, { length: 120, type: 0x8100, head: Buffer.concat([tag, ipv6(53)]) }),
      numbered(3, { length: 120, type: 0x8100, head: Buffer.concat([tag, ipv6(54)]) }),
    ];
    const { arrived } = await wire.run({ count: 4, frame: (number) => frames[number]! });
    expect(arrived.map(({ number }) => number)).toEqual([1, 3]);
  });
});

describe('several at once', () => {
  test('delays add up, and each can go first', async () => {
    for (const first of ['a', 'b']) {
      const { wire, way } = await attached();
      const median = async () => {
        const { arrived } = await wire.run({ count: 100, gap: 1 * MS });
        return arrived.map(({ took }) => took).sort((a, b) => a - b)[50]! / MS;
      };
      await set(way, { delay: '10ms' }, 'a');
      await set(way, { delay: '20ms' }, 'b');
      expect(Math.abs((await median()) - 30)).toBeLessThan(3);
      await way.clear(first);
      expect(Math.abs((await median()) - (first === 'a' ? 20 : 10))).toBeLessThan(3);
      await way.clear(first === 'a' ? 'b' : 'a');
      expect(await median()).toBeLessThan(3);
    }
  });

  test('loss beside a delay moves into the relay, and back', async () => {
    const { wire, way } = await attached();
    const lost = async () => 1 - (await wire.run({ count: 3000 })).arrived.length / 3000;
    await set(way, { loss: '20%' }, 'loss');
    expect(Math.abs((await lost()) - 0.2)).toBeLessThan(tolerance(0.2, 3000));
    await set(way, { delay: '5ms' }, 'delay');
    expect(Math.abs((await lost()) - 0.2)).toBeLessThan(tolerance(0.2, 3000));
    await way.clear('delay');
    expect(Math.abs((await lost()) - 0.2)).toBeLessThan(tolerance(0.2, 3000));
    await way.clear('loss');
    expect(await lost()).toBe(0);
  });

  test('two matches on one interface', async () => {
    const { wire, engine, way } = await attached({ matches: [{ dscp: 46 }] });
    const other = await engine.attach({ egress: wire.egress, matches: [{ protocol: 'udp' }] });
    await set(way, { delay: '10ms' });
    await set(other, { delay: '20ms' });
    const frame = (number: number) =>
      numbered(number, { type: 0x0800, head: ipv4({ dscp: number % 2 === 0 ? 46 : 0 }) });
    const { arrived } = await wire.run({ count: 100, gap: 1 * MS, frame });
    const took = (parity: number) =>
      arrived
        .filter(({ number }) => number % 2 === parity)
        .map(({ took }) => took)
        .sort((a, b) => a - b)[25]! / MS;
    expect(arrived).toHaveLength(100);
    expect(Math.abs(took(0) - 30)).toBeLessThan(3);
    expect(Math.abs(took(1) - 20)).toBeLessThan(3);
  });
});

test('nothing is lost or left when it is attached, changed and taken away', async () => {
  const { wire, engine } = await attached();
  const interfaces = () =>
    wire.atNear(() => {
      using netlink = new Netlink();
      return new Set(listLinks(netlink).map(({ name }) => name));
    });
  expect(interfaces()).toEqual(new Set(['lo', 'near', 'netem1']));
  await engine.attach({ egress: wire.egress });
  await engine[Symbol.asyncDispose]();
  expect(interfaces()).toEqual(new Set(['lo', 'near']));
  expect((await wire.run({ count: 1000 })).arrived).toHaveLength(1000);
});

/** Bits in which two frames differ. */
const bits = (a: Buffer, b: Buffer) =>
  a.reduce((sum, byte, index) => sum + (byte ^ b[index]!).toString(2).replaceAll('0', '').length, 0);
