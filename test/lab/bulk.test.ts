import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { TransferTrack } from '../../src/analysis/transfer.js';
import { Clock } from '../../src/linux/clock.js';
import type { SessionEvent, Way } from '../../src/probes/probe.js';
import type { Observation } from '../../src/probes/prober.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { decided, measured } from './drill.js';
import { labForAll, sh } from './labs.js';
import { expectPortTaken, probe as probeIn } from './probing.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

const LINK = 'a:eth1 <-> b:eth1';
const probe = (parameters: Record<string, unknown>, happening: (seen: Observation[]) => Promise<unknown>) =>
  probeIn({ lab, clock }, { kind: 'bulk', ...parameters }, happening);

const sessions = (seen: Observation[]): SessionEvent[] =>
  seen.flatMap(({ probes }) => probes.it?.sessions ?? []);

/** What a stream did, as the analysis has it. */
function track(seen: Observation[], stream = 0, way: Way = 'there'): TransferTrack {
  const made = new TransferTrack({ flow: 0, way });
  for (const { stream: number, rtt = [], ...bins } of seen.flatMap(
    ({ probes }) => probes.it?.transfers ?? [],
  ))
    if (number === stream) made.add({ ...bins, rtt: rtt.map((time) => time / 1000) });
  return made;
}

/** Bits a second that a stream delivered in a window. */
const rateIn = (transfer: TransferTrack, from: number, to: number) =>
  (transfer.count('received', { from, to }).value * 8e9) / (to - from);

/** Bytes of the longest packet on a link, unless a topology says otherwise. */
const MTU = 9500;

/** Segments that node a has sent again, as its kernel counts. */
const resentSegments = async () =>
  Number((await sh(lab, 'a', 'nstat -asz TcpRetransSegs')).split(/\s+/).at(-2));

describe('the transfer', () => {
  test('keeps to its rate, in bins of 20 ms without a gap, and needs little of a processor', async () => {
    let [from, to] = [0, 0];
    const before = process.cpuUsage();
    const seen = await probe({ rate: '40mbit' }, async () => {
      await sleep(500);
      from = clock.now();
      await sleep(2000);
      to = clock.now();
    });
    const { user, system } = process.cpuUsage(before);
    const transfer = track(seen);
    expect(transfer.covers({ from, to })).toBe(true);
    expect(transfer.ends.length).toBeGreaterThan(80);
    expect(rateIn(transfer, from, to)).toBeGreaterThan(38e6);
    expect(rateIn(transfer, from, to)).toBeLessThan(42e6);
    // Nothing is lost here, but on a busy machine the kernel's timer may run out before an acknowledgement is read.
    expect(transfer.count('resent', { from, to }).upper).toBeLessThanOrEqual((await resentSegments()) * MTU);
    // What was transmitted arrived, but for what was on its way at either end.
    const { value: sent } = transfer.count('sent', { from, to });
    const { value: received } = transfer.count('received', { from, to });
    expect(Math.abs(sent - received) / sent).toBeLessThan(0.02);
    expect(transfer.rtt.at(-1)).toBeGreaterThan(0);
    expect((user + system) / 2_800_000).toBeLessThan(0.5);
  });

  test('several flows both ways, on connections of their own', async () => {
    const seen = await probe({ rate: '5mbit', flows: 2, 'both-ways': true }, () => sleep(1000));
    expect(sessions(seen).map(({ what }) => what)).toEqual(Array(4).fill('connected'));
    expect(new Set(sessions(seen).map(({ detail }) => detail)).size).toBe(4);
    for (const stream of [0, 1, 2, 3]) {
      const transfer = track(seen, stream);
      const end = transfer.ends.at(-1)!;
      expect(rateIn(transfer, end - 800e6, end)).toBeGreaterThan(4.5e6);
    }
  });

  test('while packets vanish nothing arrives; the connection outlives it and sends again', async () => {
    const link = lab.links.get(LINK)!;
    let [cut, restored] = [0, 0];
    const seen = await probe({ rate: '20mbit' }, async () => {
      await sleep(500);
      cut = (await link.cut('test', 'silent')).after;
      await sleep(700);
      restored = (await link.restore('test')).before;
      await sleep(1500);
    });
    const transfer = track(seen);
    expect(sessions(seen)).toHaveLength(1);
    const { ends, starts } = transfer;
    const isSilent = (bin: number) => transfer.in('received', bin) === 0;
    const silent = ends.map((_, bin) => bin).filter((bin) => isSilent(bin) && ends[bin]! > cut);
    // The silence begins with the cut, and ends after it: TCP waits for its timer (RFC 6298).
    expect(Math.abs(starts[silent[0]!]! - cut)).toBeLessThan(60e6);
    const back = ends.findIndex((end, bin) => end > cut + 100e6 && !isSilent(bin));
    expect(ends[back]!).toBeGreaterThan(restored);
    expect(ends[back]! - restored).toBeLessThan(1200e6);
    const outage = { from: cut, to: ends[back]! + 300e6 };
    expect(transfer.count('retransmissions', outage).lower).toBeGreaterThan(0);
    expect(transfer.count('resent', outage).lower).toBeGreaterThan(1000);
  });

  test.each([
    { way: 'there', stream: 0, why: 'ETIMEDOUT' },
    { way: 'back', stream: 1, why: 'no data' },
  ])('a connection that waits too long is made anew ($way)', async ({ stream, why }) => {
    const link = lab.links.get(LINK)!;
    const seen = await probe({ timeout: '500ms', 'both-ways': true }, async () => {
      await sleep(300);
      await link.cut('test', 'silent');
      await sleep(1500);
      await link.restore('test');
      await sleep(1500);
    });
    const own = sessions(seen).filter(({ session }) => session === stream);
    expect(own[0]).toMatchObject({ what: 'connected', connection: 1 });
    expect(own[1]).toMatchObject({ what: 'broken', detail: why });
    expect(own.at(-1)).toMatchObject({ what: 'connected', connection: 2 });
    const transfer = track(seen, stream);
    const end = transfer.ends.at(-1)!;
    expect(rateIn(transfer, end - 500e6, end)).toBeGreaterThan(9e6);
  });

  test('a reset, and a port that refuses, are said', async () => {
    const seen = await probe({}, async () => {
      await sleep(200);
      await sh(
        lab,
        'b',
        'nft add table ip t; nft "add chain ip t i { type filter hook input priority 0; }"; nft add rule ip t i tcp dport 30000 reject with tcp reset',
      );
      await sleep(500);
      await sh(lab, 'b', 'nft delete table ip t');
      await sleep(500);
    });
    const what = sessions(seen).map(({ what, detail }) =>
      `${what} ${what === 'connected' ? '' : detail}`.trim(),
    );
    expect(what.slice(0, 3)).toEqual(['connected', 'broken ECONNRESET', 'refused ECONNREFUSED']);
    expect(what.at(-1)).toBe('connected');
  });

  test('what is lost on the way is transmitted again, and only that', async () => {
    await sh(
      lab,
      'b',
      'nft add table ip t; nft "add chain ip t i { type filter hook prerouting priority -300; }"; nft add rule ip t i tcp dport 30000 ip length \\> 1000 numgen inc mod 50 == 0 counter drop',
    );
    let counted = '';
    const seen = await probe({}, async () => {
      await sleep(1500);
      counted = await sh(lab, 'b', 'nft list table ip t; nft delete table ip t');
      await sleep(300);
    });
    const dropped = Number(/counter packets (\d+)/.exec(counted)![1]);
    const transfer = track(seen);
    const all = { from: 0, to: Number.POSITIVE_INFINITY };
    expect(dropped).toBeGreaterThan(1);
    const again = transfer.count('retransmissions', all).upper;
    // A packet is no larger than a segment of these links. What was lost last may not have been sent again yet.
    expect(again).toBeGreaterThanOrEqual(dropped - 2);
    expect(again).toBeLessThan(3 * dropped);
  });

  test("others' connections to its port are counted, and are not its own", async () => {
    const seen = await probe({}, async () => {
      await sleep(200);
      await sh(
        lab,
        'a',
        'head -c 100 /dev/zero > /tmp/zero; timeout 1 bash -c "cat /tmp/zero > /dev/tcp/10.0.1.2/30000"',
      );
      await sleep(200);
    });
    expect(seen.reduce((sum, { probes }) => sum + (probes.it?.foreign ?? 0), 0)).toBe(1);
    expect(sessions(seen)).toHaveLength(1);
  });

  test('a port that is taken is said', async () => {
    await expectPortTaken(lab, () => probe({}, () => sleep(100)));
  });
});

describe('a drill', () => {
  const run = (targets: string[]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'pair.clab.yml'), PAIR.replace('name: pair', 'name: bulk'));
    const file = join(folder, 'bulk.drill.yml');
    writeFileSync(
      file,
      `name: bulk
title: A line with a transfer is cut, and then is narrow
lab: pair.clab.yml
validation-time: 1s
probes:
  app: { kind: udp, from: a, to: b, address: 10.0.1.2 }
  copy: { kind: bulk, from: a, to: b, address: 10.0.1.2, rate: 20mbit }
steady-state: [app loses nothing for 500ms, copy is connected]
steps:
  - { inject: link-cut, link: "${LINK}", mode: silent, as: cut }
  - hold: 2s
  - clear: cut
  - wait: 4s
  - { inject: rate-limit, link: "${LINK}", rate: 5mbit, as: narrow }
  - hold: 4s
  - clear: narrow
  - wait: 2s
targets:
${targets.map((target) => `  - ${target}`).join('\n')}
`,
    );
    return decided(folder, file);
  };

  test('goodput, its worst second and what TCP did for it', async () => {
    const done = await run([
      'goodput(copy after cut) < 1mbit',
      'lowest_goodput(copy after cut) = 0bit',
      'goodput(copy after clear cut) > 12 Mbit/s',
      'goodput(copy after narrow) < 5.1mbit',
      'goodput(copy after narrow) > 2.5mbit',
      'retransmissions(copy after cut) > 0',
      'tcp_efficiency(copy after clear cut) > 50%',
    ]);
    expect(done.result.verdict, done.stdout).toBe('pass');
    const { value, lower, upper } = measured(done, 'goodput', 'copy');
    expect(lower).toBeLessThanOrEqual(value);
    expect(upper).toBeGreaterThanOrEqual(value);
    const page = readFileSync(join(done.folder, 'report.html'), 'utf8');
    expect(page).toContain('goodput there');
    expect(done.result.trials[0]!.transfers).toMatchObject([{ probe: 'copy', way: 'there' }]);
  });

  test('an outage misses a limit on the worst second', async () => {
    const done = await run([
      'goodput(copy after clear cut) > 10mbit',
      'lowest_goodput(copy after cut) > 1mbit',
    ]);
    expect(done.result.verdict, done.stdout).toBe('fail');
    const missed = done.result.targets.filter(({ verdict }) => verdict === 'fail').map(({ text }) => text);
    expect(missed).toEqual(['lowest_goodput(copy after cut) > 1mbit']);
  });
});
