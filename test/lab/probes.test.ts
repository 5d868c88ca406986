import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { SessionEvent } from '../../src/probes/probe.js';
import type { Observation } from '../../src/probes/prober.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR } from '../fixtures/scenario.js';
import { labForAll, sh } from './labs.js';
import { delays, expectPortTaken, inSequence, probe as probeIn, received, sent, streams } from './probing.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

const LINK = 'a:eth1 <-> b:eth1';
const probe = (parameters: Record<string, unknown>, happening: (seen: Observation[]) => Promise<unknown>) =>
  probeIn({ lab, clock }, parameters, happening);

const sessions = (seen: Observation[]): SessionEvent[] => seen.flatMap(({ probes }) => probes.it!.sessions);

describe('udp', () => {
  const UDP = { kind: 'udp', flows: 2, interval: '5ms', 'both-ways': true };

  test('every packet of every flow, both ways, on schedule', async () => {
    const seen = await probe(UDP, () => sleep(500));
    for (const stream of [0, 1, 2, 3]) {
      const numbers = sent(seen, stream);
      expect(inSequence(numbers)).toBe(true);
      expect(numbers.length).toBeGreaterThan(100);
      // The way back starts when the way there has shown where to.
      const arrived = received(seen, stream);
      expect(inSequence(arrived)).toBe(true);
      expect(arrived[0]).toBeLessThan(20);
      expect(numbers.length - arrived.at(-1)!).toBeLessThan(20);
    }
    expect(seen.at(-1)!.probes.it).toMatchObject({ foreign: 0, dropped: 0 });
  });

  test('exactly what vanishes is missing', async () => {
    await sh(
      lab,
      'a',
      'nft add table ip t; nft "add chain ip t o { type filter hook output priority 0; }"; nft add rule ip t o udp sport 30001 numgen inc mod 5 == 0 drop',
    );
    const seen = await probe(UDP, () => sleep(500));
    await sh(lab, 'a', 'nft delete table ip t');
    const got = new Set(received(seen, 0));
    const lost = sent(seen, 0).filter((number) => !got.has(number) && number < Math.max(...got));
    expect(lost.length).toBeGreaterThan(10);
    expect(lost).toEqual(lost.map((_, index) => lost[0]! + 5 * index));
    expect(inSequence(received(seen, 2))).toBe(true);
  });

  test("others' packets at its ports are counted, and are not its own", async () => {
    const seen = await probe(UDP, () =>
      sh(
        lab,
        'a',
        'for i in 1 2 3; do echo hello > /dev/udp/10.0.1.2/30000; done; head -c 64 /dev/zero > /dev/udp/10.0.1.2/30000',
      ).catch(() =>
        sh(lab, 'a', 'for i in 1 2 3 4; do bash -c "echo hello > /dev/udp/10.0.1.2/30000"; done'),
      ),
    );
    expect(seen.reduce((sum, { probes }) => sum + probes.it!.foreign, 0)).toBe(4);
    expect(inSequence(received(seen, 0))).toBe(true);
  });

  test("what the sender's own system refuses is not lost on the way", async () => {
    const seen = await probe(UDP, async () => {
      await sh(lab, 'a', 'ip route add unreachable 10.0.1.2/32');
      await sleep(200);
      await sh(lab, 'a', 'ip route del unreachable 10.0.1.2/32');
    });
    const refused = streams(seen, 0).flatMap((data) => data.refused);
    expect(refused.map(([, , error]) => error)).toContain('EHOSTUNREACH');
    const missing = sent(seen, 0).filter((number) => !received(seen, 0).includes(number));
    expect(missing.length).toBe(refused.reduce((sum, [, count]) => sum + count, 0));
  });

  test('a port that is taken is said', async () => {
    const listener = sh(
      lab,
      'b',
      'timeout 3 python3 -c "import socket,time; s=socket.socket(2,2); s.bind((\'0.0.0.0\',30000)); time.sleep(2)"',
    );
    await sleep(300);
    await expect(probe(UDP, () => sleep(100))).rejects.toThrow(
      'probe "it": bind 10.0.1.2 port 30000: EADDRINUSE',
    );
    await listener.catch(() => {});
  });
});

describe('tcp', () => {
  const TCP = { kind: 'tcp', sessions: 2, interval: '10ms' };

  test('sessions stay, and every record arrives in order and is answered', async () => {
    const seen = await probe(TCP, () => sleep(500));
    expect(sessions(seen).map(({ what, connection }) => [what, connection])).toEqual([
      ['connected', 1],
      ['connected', 1],
    ]);
    for (const stream of [0, 1]) {
      expect(inSequence(received(seen, stream))).toBe(true);
      expect(received(seen, stream).length).toBeGreaterThan(40);
    }
  });

  test('a cut that TCP outlives delays records, and breaks nothing', async () => {
    const link = lab.links.get(LINK)!;
    const seen = await probe(TCP, async () => {
      await sleep(200);
      await link.cut('stall', 'silent');
      await sleep(300);
      await link.restore('stall');
      await sleep(1200);
    });
    expect(sessions(seen).every(({ what }) => what === 'connected')).toBe(true);
    expect(inSequence(received(seen, 0))).toBe(true);
    expect(delays(seen, 0).at(-1)).toBeGreaterThan(300e6);
  });

  test('a reset ends a session, and the next one is a new connection', async () => {
    const seen = await probe(TCP, async () => {
      await sleep(200);
      await sh(lab, 'a', 'ss -K dst 10.0.1.2');
      await sleep(500);
    });
    const first = sessions(seen).filter(({ session }) => session === 0);
    expect(first.map(({ what, connection }) => [what, connection])).toEqual([
      ['connected', 1],
      ['broken', 1],
      ['connected', 2],
    ]);
    expect(first[1]!.detail).not.toBe('');
  });

  test.each([
    { what: 'less than a record', bytes: 100 },
    { what: 'more than one', bytes: 1000 },
  ])("others' connections to its port are counted, and are no sessions: $what", async ({ bytes }) => {
    const seen = await probe(TCP, async () => {
      await sleep(200);
      await sh(lab, 'a', `bash -c "head -c ${bytes} /dev/zero > /dev/tcp/10.0.1.2/30000"`);
      await sleep(300);
    });
    expect(seen.reduce((sum, { probes }) => sum + probes.it!.foreign, 0)).toBe(1);
    expect(sessions(seen).map(({ what }) => what)).toEqual(['connected', 'connected']);
    for (const stream of [0, 1, 2, 3]) expect(inSequence(received(seen, stream))).toBe(true);
    expect(received(seen, 0).length).toBeGreaterThan(30);
  });

  test('a port that is taken is said', async () => {
    await expectPortTaken(lab, () => probe(TCP, () => sleep(100)));
  });

  test('a server that cannot be reached is tried again', async () => {
    await sh(lab, 'b', 'ip link set eth1 down');
    const seen = await probe(TCP, async () => {
      await sleep(300);
      await sh(lab, 'b', 'ip link set eth1 up');
      await sleep(2500);
    });
    const what = sessions(seen).filter(({ session }) => session === 0);
    expect(what.at(-1)).toMatchObject({ what: 'connected' });
    expect(received(seen, 0).length).toBeGreaterThan(10);
  });
});

describe('voip', () => {
  test.each([
    ['g729', {}, 32],
    ['opus', {}, 92],
    ['opus', { bitrate: '24kbit' }, 72],
  ])('%s %j: packets of 20 ms and %i bytes both ways, marked as voice', async (codec, more, size) => {
    await sh(
      lab,
      'b',
      `nft add table ip seen; nft "add chain ip seen in { type filter hook input priority 0; }"; nft "add rule ip seen in ip dscp ef udp length ${8 + size} counter"`,
    );
    const seen = await probe({ kind: 'voip', calls: 2, codec, ...more }, () => sleep(500));
    for (const stream of [0, 1, 2, 3]) {
      expect(sent(seen, stream).length).toBeGreaterThan(30);
      expect(received(seen, stream).length).toBeGreaterThan(20);
    }
    const counted = /packets (\d+)/.exec(
      await sh(lab, 'b', 'nft list table ip seen; nft delete table ip seen'),
    )![1];
    expect(Number(counted)).toBeGreaterThanOrEqual(received(seen, 0).length + received(seen, 2).length);
  });
});
