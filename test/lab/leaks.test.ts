import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import { openFrameSocket } from '../../src/linux/frames.js';
import { close } from '../../src/linux/libc.js';
import { filterByMark } from '../../src/linux/mark-filter.js';
import { writePacket } from '../../src/probes/packet.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { type Captured, startLeakTap } from '../../src/taps/leak.js';
import type { LeakWorkerData } from '../../src/taps/leak-worker.js';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { decided } from './drill.js';
import { labForAll, sh } from './labs.js';
import { probe, sent } from './probing.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

const LINK = 'a:eth1 <-> b:eth1';

/** What the tap sees on the link while something happens; a probe's packets have the tag 7. */
async function tapped(
  happening: () => Promise<unknown>,
  { tag = 7, search = 'kernel' as LeakWorkerData['search'] } = {},
) {
  const seen: Captured[] = [];
  const tap = await startLeakTap({
    anchor: clock.anchor,
    tag,
    links: [lab.links.get(LINK)!],
    search,
    observe: (captured) => seen.push(captured),
    fail: (error) => {
      throw error;
    },
  });
  const from = clock.now();
  await happening();
  await tap[Symbol.asyncDispose]();
  const leaks = seen.flatMap(({ leaks }) => leaks);
  for (const { first, last } of leaks) {
    expect(first).toBeGreaterThan(from);
    expect(last).toBeGreaterThanOrEqual(first);
    expect(clock.now()).toBeGreaterThan(last);
  }
  const count = (direction: string) =>
    leaks.filter((leak) => leak.direction === direction).reduce((sum, { packets }) => sum + packets, 0);
  return { forth: count('forth'), back: count('back'), leaks, dropped: seen.map(({ dropped }) => dropped) };
}

describe('each packet of a probe on a plain line is a leak', () => {
  test.each([
    { kind: 'udp', flows: 4, interval: '5ms' },
    { kind: 'udp', flows: 4, interval: '5ms', size: 1400 },
    { kind: 'icmp', flows: 4, interval: '5ms' },
    { kind: 'tcp', sessions: 4, interval: '20ms' },
  ])('%j', async (parameters) => {
    let there = 0;
    const { forth, back, leaks, dropped } = await tapped(async () => {
      const seen = await probe({ lab, clock }, parameters, () => sleep(500));
      there = [0, 1, 2, 3].flatMap((flow) => sent(seen, parameters.kind === 'tcp' ? 2 * flow : flow)).length;
    });
    expect(there).toBeGreaterThan(80);
    // Records of TCP may share a packet; the last ones may have been on their way.
    if (parameters.kind !== 'tcp') expect(Math.abs(forth - there)).toBeLessThanOrEqual(4);
    else expect(forth).toBeGreaterThan(there / 4);
    if (parameters.kind === 'udp') expect(back).toBe(0);
    else expect(Math.abs(back - forth)).toBeLessThan(forth / 4);
    expect(leaks[0]!.excerpt).toMatch(/^[0-9a-f]{12}([0-9a-f]{2})+$/);
    expect(leaks[0]!.excerpt).toContain('4644524c00000007');
    expect(dropped.every((count) => count === 0)).toBe(true);
  });
});

test('packets of another drill, and those that a cut keeps from the line, are none', async () => {
  const traffic = () => probe({ lab, clock }, { kind: 'udp', interval: '5ms' }, () => sleep(300));
  expect((await tapped(traffic, { tag: 8 })).forth).toBe(0);
  const link = lab.links.get(LINK)!;
  await link.cut('test', 'silent');
  expect((await tapped(traffic)).forth).toBe(0);
  await link.restore('test');
  expect((await tapped(traffic)).forth).toBeGreaterThan(50);
});

test.each(['kernel', 'thread'] as const)(
  'wherever in a packet a mark lies, the %s finds it, and nothing else',
  async (search) => {
    const packet = Buffer.alloc(60);
    const identity = { tag: 7, probe: 0, stream: 0, connection: 0 };
    writePacket(new DataView(packet.buffer, packet.byteOffset), 0, packet.length, identity, 1);
    const send = (payload: Buffer) =>
      sh(
        lab,
        'a',
        `bash -c 'printf "${payload.toString('hex').replaceAll(/../g, '\\x$&')}" > /dev/udp/10.0.1.2/9'`,
      );
    const places = [0, 1, 2, 3, 4, 700, 1397];
    const { forth, dropped } = await tapped(
      async () => {
        for (const place of places) await send(Buffer.concat([Buffer.alloc(place, 0x46), packet]));
        await send(Buffer.concat([Buffer.alloc(1397, 0x46), packet.subarray(0, 23)]));
        await send(Buffer.alloc(1400, 0x46));
      },
      { search },
    );
    expect(forth).toBe(places.length);
    expect(dropped.every((count) => count === 0)).toBe(true);
  },
);

test('this kernel takes the program that searches: the test above is not one of the fallback twice', () => {
  const socket = openFrameSocket({ index: 1, mark: 0 });
  expect(filterByMark(socket, { interfaces: [1], mark: Buffer.alloc(8, 1), kept: 2048 })).toBe(true);
  close(socket);
});

test('an interface that was made anew is still looked at', async () => {
  const { forth } = await tapped(async () => {
    const node = lab.nodes.get('b')!;
    await node.stop();
    await node.start();
    await sh(lab, 'a', 'until ping -c 1 -W 1 10.0.1.2 >/dev/null; do :; done');
    await probe({ lab, clock }, { kind: 'udp', interval: '5ms' }, () => sleep(300));
  });
  expect(forth).toBeGreaterThan(50);
});

describe('a drill', () => {
  const run = async (address: string) => {
    const folder = temporaryFolder();
    const ends = (subnet: number) => `ipv4: [10.0.${subnet}.1/24, 10.0.${subnet}.2/24]`;
    writeFileSync(
      join(folder, 'pair.clab.yml'),
      `name: leaky
topology:
  kinds: { linux: { image: faildrill/host } }
  nodes: { a: , b: }
  links:
    - { endpoints: [a:eth1, b:eth1], ${ends(1)}, labels: { transit: "true" } }
    - { endpoints: [a:eth2, b:eth2], ${ends(2)} }
`,
    );
    writeFileSync(
      join(folder, 'leak.drill.yml'),
      `name: leak
title: A line of somebody else
lab: pair.clab.yml
validation-time: 500ms
probes:
  app: { kind: udp, from: a, to: b, address: ${address}, flows: 2, interval: 10ms }
steps:
  - { inject: link-cut, link: "a:eth2 <-> b:eth2", as: cut }
  - hold: 300ms
  - clear: cut
  - hold: 500ms
targets:
  - leaked_packets(app) = 0
`,
    );
    return decided(folder, join(folder, 'leak.drill.yml'));
  };

  test('fails for what it sees, with evidence', async () => {
    const done = await run('10.0.1.2');
    expect(done.result.verdict, done.stdout).toBe('fail');
    const report = readFileSync(join(done.folder, 'report.md'), 'utf8');
    expect(report).toMatch(
      /- app leaked: \d+ packets in plaintext on a:eth1 .* b:eth1, forth, from -.*; the first begins [0-9a-f]+/,
    );
  });

  test('passes where nothing of it takes that line', async () => {
    const done = await run('10.0.2.2');
    expect(done.result.verdict, done.stdout).toBe('pass');
    expect(done.result.targets[0]!.measured).toMatchObject({ value: 0, lower: 0, upper: 0 });
  });
});
