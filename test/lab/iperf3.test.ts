import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { TransferTrack } from '../../src/analysis/transfer.js';
import { iperf3, serveIperf3 } from '../../src/iperf3/index.js';
import { Clock } from '../../src/linux/clock.js';
import type { Observation } from '../../src/probes/prober.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { decided, measured } from './drill.js';
import { labForAll, sh } from './labs.js';
import { expectPortTaken, probe as probeIn, TAKE_PORT } from './probing.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

const LINK = 'a:eth1 <-> b:eth1';
const probe = (parameters: Record<string, unknown>, happening: (seen: Observation[]) => Promise<unknown>) =>
  probeIn({ lab, clock }, { kind: 'iperf3', ...parameters }, happening);

const transfers = (seen: Observation[]) => seen.flatMap(({ probes }) => probes.it?.transfers ?? []);
function track(seen: Observation[], stream = 0): TransferTrack {
  const made = new TransferTrack({ flow: 0, way: 'there' });
  for (const { stream: number, ...bins } of transfers(seen)) if (number === stream) made.add(bins);
  return made;
}

describe('as a probe', () => {
  test.each([
    { protocol: 'tcp', direction: 'there' },
    { protocol: 'udp', direction: 'there' },
    { protocol: 'tcp', direction: 'both', flows: 2 },
    { protocol: 'udp', direction: 'back' },
  ])('%j: the rate that was asked for, from the first moment to the last', async (parameters) => {
    const { flows = 1, direction } = parameters;
    let [from, to] = [0, 0];
    const seen = await probe({ rate: '8mbit', ...parameters }, async () => {
      await sleep(1500);
      from = clock.now();
      await sleep(2000);
      to = clock.now();
    });
    for (const stream of direction === 'both' ? [0, 1] : [0]) {
      const transfer = track(seen, stream);
      expect(transfer.covers({ from, to })).toBe(true);
      const { value, lower, upper } = transfer.count('received', { from, to });
      const rate = (bytes: number) => (bytes * 8e9) / (to - from) / (8e6 * flows);
      expect(rate(value)).toBeGreaterThan(0.85);
      expect(rate(value)).toBeLessThan(1.15);
      expect(lower).toBeLessThan(value);
      expect(upper).toBeGreaterThan(value);
    }
    // What is not known of its instants.
    expect(Math.max(...transfers(seen).map(({ early = 0 }) => early))).toBeLessThan(400e6);
  });

  test('the true outage lies within the instants that it gives', async () => {
    const link = lab.links.get(LINK)!;
    let [cut, restored] = [0, 0];
    const seen = await probe({ protocol: 'udp', rate: '8mbit' }, async () => {
      await sleep(1500);
      cut = (await link.cut('test', 'silent')).after;
      await sleep(1000);
      restored = (await link.restore('test')).before;
      await sleep(1500);
    });
    const transfer = track(seen);
    const bins = transfer.ends.map((_, bin) => bin).filter((bin) => transfer.ends[bin]! > cut - 300e6);
    const silent = bins.filter((bin) => transfer.in('received', bin) === 0);
    expect(silent.length).toBeGreaterThanOrEqual(8);
    // On a busy machine iperf3 needs its time to go on.
    expect(silent.length).toBeLessThanOrEqual(20);
    // A bin without anything lies in the outage, as early as it may have been or as late.
    expect(transfer.starts[silent[0]!]!).toBeLessThan(restored);
    expect(transfer.ends[silent[0]!]!).toBeGreaterThan(cut);
    expect(transfer.count('received', { from: cut, to: restored }).lower).toBe(0);
    expect(transfer.count('received', { from: cut - 300e6, to: restored + 300e6 }).upper).toBeGreaterThan(0);
  });

  test('a node without iperf3 is said', async () => {
    await sh(lab, 'b', 'mv /usr/bin/iperf3 /usr/bin/iperf3.away');
    await expect(probe({}, () => sleep(100))).rejects.toThrow('probe "it": there is no iperf3 in "b"');
    await sh(lab, 'b', 'mv /usr/bin/iperf3.away /usr/bin/iperf3');
  });

  test('a port that is taken is said', async () => {
    await expectPortTaken(lab, () => probe({}, () => sleep(100)));
  });

  test('a port that another program takes in the middle is said, and the probe goes on once it is free', async () => {
    const seen = await probe({}, async () => {
      await sleep(1200);
      const taken = sh(lab, 'b', TAKE_PORT);
      await sleep(500);
      await sh(lab, 'b', 'pkill -KILL -x iperf3');
      await taken;
      await sleep(2500);
    });
    const said = seen.flatMap(({ probes }) => probes.it?.sessions ?? []).map(({ detail }) => detail);
    expect(said).toContain('error - unable to start listener for connections: Address already in use');
    const { at } = transfers(seen).at(-1)!;
    expect(at.length).toBeGreaterThan(10);
  });

  test('a test that dies is said, and another one begins', async () => {
    const seen = await probe({}, async () => {
      await sleep(1200);
      await sh(lab, 'a', 'pkill -KILL -x iperf3');
      await sleep(3500);
    });
    const events = seen.flatMap(({ probes }) => probes.it?.sessions ?? []);
    expect(events[0]).toMatchObject({ what: 'refused', detail: 'it printed nothing' });
    expect(transfers(seen)).toHaveLength(2);
    const { from, at } = transfers(seen)[1]!;
    expect(track(seen).covers({ from, to: at.at(-1)! })).toBe(true);
    expect(track(seen).covers({ from: transfers(seen)[0]!.from, to: at.at(-1)! })).toBe(false);
  });
});

test('a drill with an outage of known length misses a limit, and meets others', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'pair.clab.yml'), PAIR.replace('name: pair', 'name: iperf'));
  const file = join(folder, 'iperf.drill.yml');
  writeFileSync(
    file,
    `name: iperf
title: A line with iperf3 on it is cut
lab: pair.clab.yml
validation-time: 1s
probes:
  app: { kind: udp, from: a, to: b, address: 10.0.1.2 }
  copy: { kind: iperf3, protocol: udp, from: a, to: b, address: 10.0.1.2, rate: 8mbit }
steady-state: [app loses nothing for 2s]
steps:
  - { inject: link-cut, link: "${LINK}", mode: silent, as: cut }
  - hold: 2s
  - clear: cut
  - wait: 4s
targets:
  - goodput(copy after cut) < 1.5mbit
  - goodput(copy after clear cut) > 6mbit
  - lowest_goodput(copy after cut) > 1mbit
`,
  );
  const done = await decided(folder, file);
  expect(
    done.result.targets.map(({ verdict }) => verdict),
    done.stdout,
  ).toEqual(['pass', 'pass', 'fail']);
  const { value, lower, upper } = measured(done, 'goodput', 'copy');
  expect([lower <= value, value <= upper]).toEqual([true, true]);
});

describe('the wrapper on its own', () => {
  const PORT = 39_871;
  test('serves a test, asks for one, and both say the same', async () => {
    const serving = serveIperf3({ port: PORT, interval: 0.1 });
    await sleep(500);
    const asked = await iperf3({
      server: '127.0.0.1',
      port: PORT,
      seconds: 1,
      interval: 0.1,
      rate: 5e6,
      streams: 2,
      protocol: 'udp',
      length: 1400,
    });
    const served = await serving;
    expect(asked).toMatchObject({ role: 'client', protocol: 'UDP', streams: 2, isInterrupted: false });
    expect(asked.error).toBeUndefined();
    expect(asked.sent.length).toBeGreaterThanOrEqual(10);
    const sum = (intervals: { bytes: number }[]) =>
      intervals.reduce((bytes, interval) => bytes + interval.bytes, 0);
    // What was sent last may not have come before the end.
    expect(sum(asked.sent) - sum(served.received)).toBeLessThan(20 * 1400);
    expect(sum(served.received)).toBeLessThanOrEqual(sum(asked.sent));
    expect(sum(served.received) * 8).toBeGreaterThan(9e6);
    for (const { bytes, streams } of asked.sent) expect(sum(streams)).toBe(bytes);
  });

  test('one that is interrupted has what it saw up to then', async () => {
    const stop = new AbortController();
    const serving = serveIperf3({ port: PORT + 1, interval: 0.1 });
    await sleep(500);
    setTimeout(() => stop.abort(), 1000);
    const asked = await iperf3(
      {
        server: '127.0.0.1',
        port: PORT + 1,
        seconds: 0,
        interval: 0.1,
        protocol: 'udp',
        direction: 'back',
        rate: 5e6,
      },
      stop.signal,
    );
    expect(asked).toMatchObject({ isInterrupted: true, error: 'interrupt - the client has terminated' });
    expect(asked.received.length).toBeGreaterThan(7);
    const starts = asked.received.map(({ start }) => start);
    expect(new Set(starts).size).toBe(starts.length);
    expect((await serving).isInterrupted).toBe(true);
  });

  test('a server that is not there', async () => {
    const { error } = await iperf3({ server: '127.0.0.1', port: PORT + 2, seconds: 1 });
    expect(error).toContain('Connection refused');
  });
});
