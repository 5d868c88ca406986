import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { Attachment, EngineKind } from '../../src/netem/engine.js';
import { impairment } from '../../src/netem/impairment.js';
import type { Match } from '../../src/netem/match.js';
import {
  distance,
  expectedDelays,
  lostOf,
  RARE,
  runLengths,
  simulate,
  tolerance,
} from '../netem/simulation.js';
import { ipv4, numbered, Wire } from './wire.js';

const MS = 1e6;

/** What a machine is good for. */
export interface Pace {
  /** Frames of a statistical test. */
  count: number;
  /** How late half of the frames may be sent at most, and a single one, nanoseconds. */
  late: number;
  held: number;
}

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

/** A wire with an engine on it; with matches only what fits is impaired. */
export async function attached(
  kind: EngineKind,
  { mtu = 1500, matches = [] }: { mtu?: number; matches?: readonly Match[] } = {},
) {
  const wire = new Wire(mtu);
  let broken: Error | undefined;
  const engine = await kind.start({
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

/** Puts an impairment in force. */
export const set = (way: Attachment, said: Parameters<typeof impairment>[0], name = 'x') =>
  way.set(name, impairment(said));

/**
 * What every engine must do, on real frames; a correct one fails a statistical test once in 10,000 times.
 */
export function conformance(kind: EngineKind, { count: COUNT, late, held }: Pace): void {
  describe('delay', () => {
    test.each(['0ms', '5ms', '20ms', '100ms', '500ms'])(
      '%s: no packet sooner, in their order, half of them late by at most what the machine is good for',
      async (delay) => {
        const { wire, way } = await attached(kind);
        await set(way, { delay });
        const { arrived } = await wire.run({ count: 300, gap: 1 * MS, wait: 800 });
        const expected = Number.parseFloat(delay) * MS;
        const numbers = arrived.map(({ number }) => number);
        expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, index) => index));
        const overtaken = arrived.filter(
          ({ number }, index) => number < Math.max(...numbers.slice(0, index)),
        );
        // A processor that stands still may hold what the kernel let go already, and the other one goes on.
        const most = kind.name === 'tc' ? held : 0;
        expect(overtaken.filter(({ took }) => took - expected > most)).toEqual([]);
        const took = arrived.map(({ took }) => took).sort((a, b) => a - b);
        expect(took[0]! - expected).toBeGreaterThan(-0.02 * MS);
        expect(took[150]! - expected).toBeLessThan(late);
      },
    );

    test('jitter reorders, as it does with netem', async () => {
      const { wire, way } = await attached(kind);
      await set(way, { delay: '20ms', jitter: '10ms', distribution: 'normal' });
      const { arrived } = await wire.run({ count: 500, gap: 1 * MS, wait: 300 });
      expect(arrived).toHaveLength(500);
      const mean = arrived.reduce((sum, { took }) => sum + took, 0) / 500;
      expect(Math.abs(mean - 20 * MS)).toBeLessThan(RARE * (10 / Math.sqrt(500)) * MS + late);
      expect(arrived.some(({ number }, index) => index > 0 && number < arrived[index - 1]!.number)).toBe(
        true,
      );
    });

    test.each(['uniform', 'normal', 'pareto', 'paretonormal'] as const)(
      'jitter: %s',
      async (distribution) => {
        const { wire, way } = await attached(kind);
        await set(way, { delay: '500ms', jitter: '100ms', distribution });
        const count = 600;
        const { arrived } = await wire.run({ count, gap: 2 * MS, wait: 1500 });
        expect(arrived).toHaveLength(count);
        const took = arrived.map(({ took }) => took).sort((a, b) => a - b);
        const expected = expectedDelays(distribution, { delay: 500 * MS, jitter: 100 * MS });
        // What the machine is late moves the curve by that share of the jitter.
        expect(distance(took, expected)).toBeLessThan(2.2 / Math.sqrt(count) + late / (100 * MS));
      },
    );

    test.each([
      [1, 1500],
      [10, 1500],
      [100, 9000],
      [500, 9000],
    ])('rate: on a line of %d Mbit/s each packet of %d bytes takes its time', async (mbit, length) => {
      const { wire, way } = await attached(kind, { mtu: length });
      await set(way, { rate: `${mbit}mbit` });
      const count = 40 + 2 * mbit;
      const frame = (number: number) => numbered(number, { length });
      const { left, arrived } = await wire.run({ count, wait: 700, frame });
      const each = (length * 8 * 1000) / mbit;
      // The line waits for a sender that is slower for a while.
      const over = left.reduce((free, at) => Math.max(free, at) + each, 0);
      expect(arrived).toHaveLength(count);
      expect(arrived.at(-1)!.at).toBeGreaterThan(over - each);
      expect(arrived.at(-1)!.at).toBeLessThan(over + 0.05 * count * each + held);
    });
  });

  describe('loss', () => {
    test.each([0.1, 1, 5, 20, 100])('%s percent', async (percent) => {
      const { wire, way } = await attached(kind);
      await set(way, { loss: `${percent}%` });
      const { arrived } = await wire.run({ count: COUNT });
      const share = 1 - arrived.length / COUNT;
      expect(Math.abs(share - percent / 100)).toBeLessThanOrEqual(tolerance(percent / 100, COUNT));
      expect(await way.counters('x')).toMatchObject({ packets: COUNT, lost: COUNT - arrived.length });
    });

    test('correlated: as many follow each other as with the formula of netem', async () => {
      const { wire, way } = await attached(kind);
      await set(way, { loss: { percent: '20%', correlation: '60%' } });
      const { arrived } = await wire.run({ count: COUNT });
      const lost = Array<boolean>(COUNT).fill(true);
      for (const { number } of arrived) lost[number] = false;
      const many = 1_000_000;
      const { sent } = simulate({ said: { loss: { percent: '20%', correlation: '60%' } }, count: many });
      const [actual, expected] = [lost, lostOf(sent, many)].map((each) => {
        const share = each.filter(Boolean).length / each.length;
        const pairs = each.filter((is, index) => is && each[index + 1]).length / each.length;
        return { share, pairs };
      });
      // Neighbours are tied, so there are fewer independent draws than packets.
      expect(Math.abs(actual!.share - expected!.share)).toBeLessThan(tolerance(expected!.share, COUNT / 4));
      expect(Math.abs(actual!.pairs - expected!.pairs)).toBeLessThan(tolerance(expected!.pairs, COUNT / 4));
    });

    test('Gilbert-Elliott: bursts are as long as the chain says', async () => {
      const { wire, way } = await attached(kind);
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
      const { wire, way } = await attached(kind);
      // Without p32 and p14 it is a chain of two states, of which the long run is known.
      await set(way, { loss: { state: { p13: '2%', p31: '25%' } } });
      const { arrived } = await wire.run({ count: COUNT });
      const expected = 0.02 / 0.27;
      const spread = Math.sqrt((expected * (1 - expected) * (1.73 / 0.27)) / COUNT);
      expect(Math.abs(1 - arrived.length / COUNT - expected)).toBeLessThan(RARE * spread);
    });
  });

  describe('damage', () => {
    test('corruption flips one bit of a packet, and of no other', async () => {
      const { wire, way } = await attached(kind);
      await set(way, { corrupt: '20%' });
      wire.receive();
      const frames = Array.from({ length: 1000 }, (_, number) => numbered(number));
      for (const frame of frames) wire.send(frame);
      const flipped = (await wire.rest(200)).map(({ frame }, number) => bits(frame, frames[number]!));
      expect(flipped).toHaveLength(1000);
      expect(new Set(flipped)).toEqual(new Set([0, 1]));
      const share = flipped.filter((count) => count === 1).length / 1000;
      expect(Math.abs(share - 0.2)).toBeLessThan(tolerance(0.2, 1000));
    });

    test('duplicates', async () => {
      const { wire, way } = await attached(kind);
      await set(way, { duplicate: '10%' });
      const { arrived } = await wire.run({ count: 2000 });
      expect(new Set(arrived.map(({ number }) => number)).size).toBe(2000);
      expect(Math.abs(arrived.length / 2000 - 1.1)).toBeLessThan(tolerance(0.1, 2000));
    });

    test('reordered packets overtake those that wait', async () => {
      const { wire, way } = await attached(kind);
      await set(way, { delay: '100ms', reorder: '100%', gap: 10 });
      const { arrived } = await wire.run({ count: 200, gap: 1 * MS });
      expect(arrived).toHaveLength(200);
      const early = arrived.filter(({ took }) => took < 50 * MS).map(({ number }) => number);
      expect(early).toEqual(Array.from({ length: 20 }, (_, index) => 10 * index + 9));
    });

    test('what the queue has no room for is lost', async () => {
      const { wire, way } = await attached(kind);
      await set(way, { delay: '500ms', limit: 100 });
      const { arrived } = await wire.run({ count: 300, wait: 800 });
      expect(arrived.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, index) => index));
      const { packets, overflowed, lost } = await way.counters('x');
      expect([packets, overflowed + lost]).toEqual([300, 200]);
    });
  });

  describe('frames of all sorts pass as they are', () => {
    test.each([64, 100, 1514])('%d bytes', async (length) => {
      const { wire, way } = await attached(kind);
      await set(way, { delay: '5ms' });
      const frame = (number: number) => numbered(number, { length });
      const { arrived } = await wire.run({ count: 100, frame });
      expect(arrived.map(({ frame }) => frame.toString('hex'))).toEqual(
        Array.from({ length: 100 }, (_, number) => frame(number).toString('hex')),
      );
    });

    test.each([
      ['IPv6', 0x86dd, Buffer.concat([Buffer.from([0x60, 0, 0, 0, 0, 46, 17, 64]), Buffer.alloc(32, 1)])],
      ['a fragment', 0x0800, ipv4({ fragment: 100 })],
      ['no protocol that is known', 0x1234, Buffer.alloc(0)],
    ])('%s', async (_, type, head) => {
      const { wire, way } = await attached(kind);
      await set(way, { delay: '5ms' });
      const frame = (number: number) => numbered(number, { length: 200, type, head });
      const { arrived } = await wire.run({ count: 20, frame });
      expect(arrived.map(({ frame }) => frame.toString('hex'))).toEqual(
        Array.from({ length: 20 }, (_, number) => frame(number).toString('hex')),
      );
    });

    const alike = { delay: '1ms' } as const;
    const apart = { delay: '1ms', rate: '10gbit' } as const;
    test.each<[string, TcpSetting, (typeof alike)[] | (typeof apart)[]]>([
      ['over an MTU of 1500', { mtu: 1500 }, [alike]],
      ['over an MTU of 9500', { mtu: 9500 }, [alike]],
      ['over IPv6', { version: 6 }, [alike]],
      ['packet by packet', {}, [apart]],
      ['while that changes', {}, [alike, apart]],
    ])('TCP with segmentation offload %s, not a byte of it changed', async (_, setting, turns) => {
      const { wire, way } = await attached(kind, { mtu: setting.mtu ?? 1500 });
      await set(way, turns[0]!);
      let isOver = false;
      const turn = async () => {
        for (let at = 0; !isOver && turns.length > 1; at++) {
          await set(way, turns[at % turns.length]!);
          await sleep(5);
        }
      };
      const [equal] = await Promise.all([transfer(wire, setting).finally(() => (isOver = true)), turn()]);
      expect(equal).toBe(true);
      // Each segment is counted, whether or not they stayed together.
      const segments = TCP_BYTES / ((setting.mtu ?? 1500) - 40);
      if (turns.length === 1) expect((await way.counters('x')).packets).toBeGreaterThanOrEqual(segments);
    });

    test('9000 bytes and a VLAN tag', async () => {
      const { wire, way } = await attached(kind, { mtu: 9004 });
      await set(way, { delay: '5ms' });
      const frame = (number: number) =>
        numbered(number, { length: 9018, type: 0x8100, head: Buffer.from([0, 42, 0x08, 0]) });
      const { arrived } = await wire.run({ count: 50, frame });
      // The kernel keeps the tag beside the frame it hands over.
      expect(arrived.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, number) => number));
      expect(arrived.every(({ frame }) => [9014, 9018].includes(frame.length))).toBe(true);
    });
  });
}

/** How two hosts on a wire talk TCP. */
export interface TcpSetting {
  mtu?: number;
  version?: 4 | 6;
  isTagged?: boolean;
}

const TCP_BYTES = 32 << 20;

/** Sends random bytes over a TCP connection from near to far; returns whether they arrived as they were sent. */
export async function transfer(wire: Wire, { version = 4, isTagged = false }: TcpSetting): Promise<boolean> {
  const [near, far] = version === 4 ? ['10.9.0.1', '10.9.0.2'] : ['fd09::1', 'fd09::2'];
  const host = async (descriptor: number, name: string, address: string) => {
    const network = `--net=/proc/${process.pid}/fd/${descriptor}`;
    const inside = (...argv: string[]) =>
      promisify(execFile)('nsenter', [network, ...argv], { timeout: 60_000 }).then(({ stdout }) => stdout);
    const device = isTagged ? 'tagged' : name;
    if (isTagged) {
      await inside('ip', 'link', 'add', device, 'link', name, 'type', 'vlan', 'id', '42');
      await inside('ip', 'link', 'set', device, 'up');
    }
    if (version === 6) await inside('sh', '-c', `echo 0 > /proc/sys/net/ipv6/conf/${device}/disable_ipv6`);
    const length = version === 4 ? 24 : 64;
    await inside(
      'ip',
      'address',
      'add',
      `${address}/${length}`,
      'dev',
      device,
      ...(version === 6 ? ['nodad'] : []),
    );
    return (code: string) => inside(process.execPath, '-e', code);
  };
  const [sender, receiver] = [await host(wire.near, 'near', near!), await host(wire.far, 'far', far!)];
  const received = receiver(
    `const hash = require('crypto').createHash('sha256');
     require('net').createServer((socket) => socket.on('data', (data) => hash.update(data))
       .on('end', () => { console.log(hash.digest('hex')); process.exit(); })).listen(9)`,
  );
  const sent = sender(
    `const data = require('crypto').randomBytes(1 << 20);
     const hash = require('crypto').createHash('sha256');
     for (let part = 0; part < ${TCP_BYTES >> 20}; part++) hash.update(data);
     const connect = () => {
       const socket = require('net').connect(9, '${far}', () => {
         for (let part = 0; part < ${TCP_BYTES >> 20}; part++) socket.write(data);
         socket.end(() => console.log(hash.digest('hex')));
       });
       socket.on('error', () => setTimeout(connect, 50));
     };
     connect();`,
  );
  const [from, to] = await Promise.all([sent, received]);
  return from === to && from.length > 0;
}

/** Bits in which two frames differ. */
const bits = (a: Buffer, b: Buffer) =>
  a.reduce((sum, byte, index) => sum + (byte ^ b[index]!).toString(2).replaceAll('0', '').length, 0);
