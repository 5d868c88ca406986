import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR } from '../fixtures/scenario.js';
import { labForAll, sh } from './labs.js';
import { watching as watchingIn } from './watching.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

const watching = (watch: Record<string, unknown>) =>
  watchingIn({ lab, clock }, { kind: 'wireguard', interface: 'wg0', interval: '100ms', ...watch });

const keys: Record<string, string> = {};
beforeAll(async () => {
  for (const node of ['a', 'b']) {
    await sh(lab, node, 'wireguard-go wg0 > /dev/null 2>&1; wg genkey > /run/key');
    keys[node] = await sh(lab, node, 'wg pubkey < /run/key');
  }
  for (const [node, other, n] of [
    ['a', 'b', 1],
    ['b', 'a', 2],
  ] as const)
    await sh(
      lab,
      node,
      `wg set wg0 listen-port 51820 private-key /run/key peer ${keys[other]} allowed-ips 10.8.0.0/24 endpoint 10.0.1.${3 - n}:51820; ip address add 10.8.0.${n}/24 dev wg0; ip link set wg0 up`,
    );
});

/** The last handshake as wireguard-go itself has it, to the nanosecond, on the drill clock. */
async function handshake(): Promise<number> {
  const answer = await sh(
    lab,
    'a',
    `perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new("/var/run/wireguard/wg0.sock"); print $s "get=1\\n\\n"; $s->flush; while (<$s>) { print; last if /^errno/ }'`,
  );
  const [, seconds = '', nanoseconds = ''] =
    /last_handshake_time_sec=(\d+)\nlast_handshake_time_nsec=(\d+)/.exec(answer) ?? [];
  return Number(seconds) * 1e9 + Number(nanoseconds) - Date.parse(clock.anchor.wall) * 1e6;
}

test('a handshake that grows old is seen within what the watch says of itself, and a new one ends it', async () => {
  await using never = await watching({ peer: keys.b!, age: '3s' });
  await expect.poll(() => never.signals.map(({ detail }) => detail)).toEqual(['no handshake so far']);
  await sh(lab, 'a', 'ping -c 1 -W 2 10.8.0.2');
  await expect.poll(() => never.signals.at(-1)!.active).toBe(false);
  const due = (await handshake()) + 3e9;
  const old = await never.next();
  expect(old).toMatchObject({ active: true });
  // The anchor's wall clock has whole milliseconds.
  expect(old!.before).toBeLessThan(due + 1e6);
  expect(old!.after).toBeGreaterThan(due - 1e6);
  expect(old!.after - old!.before).toBeLessThan(1.6e9);
});

test('a peer or an interface that is not there is unknown', async () => {
  await using peer = await watching({ peer: keys.a!, age: '3s' });
  await using device = await watching({ interface: 'wg7', peer: keys.b!, age: '3s' });
  await expect.poll(() => [peer.signals.length, device.signals.length]).toEqual([1, 1]);
  await sleep(300);
  expect(peer.signals).toMatchObject([
    { active: false, unknown: true, detail: expect.stringMatching(/no peer/) },
  ]);
  expect(device.signals).toMatchObject([
    { active: false, unknown: true, detail: expect.stringMatching(/wg7/) },
  ]);
});
