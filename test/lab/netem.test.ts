import { describe, expect, test } from 'vitest';
import { listLinks } from '../../src/linux/links.js';
import { Netlink } from '../../src/linux/netlink.js';
import type { Match } from '../../src/netem/match.js';
import { userspace, userspaceAt } from '../../src/netem/userspace.js';
import { tolerance } from '../netem/simulation.js';
import { attached as attachedTo, conformance, set } from './netem-conformance.js';
import { ipv4, numbered } from './wire.js';

const MS = 1e6;

describe.each([
  ['TCX, where the kernel has it', userspace],
  ['clsact, as before Linux 6.6', userspaceAt('clsact')],
])('with programs at %s', (_, engine) => {
  const attached = (options = {}) => attachedTo(engine, options);

  conformance(engine, { count: 50_000, late: 2 * MS, held: 5 * MS });

  describe('a gate', () => {
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
});
