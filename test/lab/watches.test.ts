import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR } from '../fixtures/scenario.js';
import { labForAll } from './labs.js';
import { act as actIn, expectAt, watching as watchingIn } from './watching.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

const act = (line: string) => actIn({ lab, clock }, 'a', line);
const watching = (watch: Record<string, unknown>) => watchingIn({ lab, clock }, watch);

const cases: [string, Record<string, unknown>, { other: string; on: string; off: string; detail: RegExp }][] =
  [
    [
      'route: by its interface',
      { kind: 'route', prefix: '10.5.0.0/16', via: 'eth1' },
      {
        other: 'ip route add 10.6.0.0/16 via 10.0.1.2',
        on: 'ip route add 10.5.0.0/16 via 10.0.1.2',
        off: 'ip route del 10.5.0.0/16',
        detail: /^10\.5\.0\.0\/16 via 10\.0\.1\.2 dev eth1$/,
      },
    ],
    [
      'route: a better one takes over',
      { kind: 'route', prefix: '10.7.0.0/16', via: '10.0.1.3' },
      {
        other: 'ip route add 10.7.0.0/16 via 10.0.1.2 metric 50',
        on: 'ip route add 10.7.0.0/16 via 10.0.1.3 metric 20',
        off: 'ip route add 10.7.0.0/16 via 10.0.1.4 metric 10',
        detail: /via 10\.0\.1\.3/,
      },
    ],
    [
      'route: in a table of policy routing',
      { kind: 'route', prefix: '10.8.0.0/16', via: '10.0.1.3', table: 1046 },
      {
        other: 'ip route add 10.8.0.0/16 via 10.0.1.3',
        on: 'ip route add 10.8.0.0/16 via 10.0.1.3 table 1046',
        off: 'ip route replace 10.8.0.0/16 via 10.0.1.2 table 1046',
        detail: /^10\.8\.0\.0\/16 via 10\.0\.1\.3 dev eth1$/,
      },
    ],
    [
      'carrier',
      { kind: 'carrier', interface: 'eth2' },
      {
        other: 'ip link set eth1 mtu 1400',
        on: 'ip link set eth2 down',
        off: 'ip link set eth2 up',
        detail: /eth2/,
      },
    ],
    [
      'address',
      { kind: 'address', address: '10.0.1.99' },
      {
        other: 'ip address add 10.0.1.98/24 dev eth1',
        on: 'ip address add 10.0.1.99/32 dev eth2',
        off: 'ip address del 10.0.1.99/32 dev eth2',
        detail: /^10\.0\.1\.99 is held$/,
      },
    ],
    [
      'command: by its exit code',
      { kind: 'command', command: 'test -e /run/there', interval: '50ms' },
      { other: 'touch /run/elsewhere', on: 'touch /run/there', off: 'rm /run/there', detail: /exit code 0/ },
    ],
    [
      'command: by what it prints',
      { kind: 'command', command: 'cat /run/state', matches: '^(up|UP)$', interval: '50ms' },
      {
        other: 'echo upwards > /run/state',
        on: 'echo UP > /run/state',
        off: 'echo down > /run/state',
        detail: /UP/,
      },
    ],
  ];

test.each(cases)('%s is seen when it comes and goes, and nothing else is', async (_, watch, sight) => {
  await using it = await watching(watch);
  await act(sight.other);
  await sleep(150);
  expect(it.signals.filter(({ active }) => active)).toEqual([]);
  for (const [line, active] of [
    [sight.on, true],
    [sight.off, false],
  ] as const) {
    const [seen, when] = await Promise.all([it.next(), act(line)]);
    expectAt(seen, when);
    expect(seen!.active).toBe(active);
    if (active) expect(seen!.detail).toMatch(sight.detail);
    // Events are seen at once; a poll's bracket reaches back to the look before.
    expect(seen!.after - seen!.before).toBeLessThan(watch.kind === 'command' ? 500e6 : 50e6);
  }
});

test('what is so from the start counts', async () => {
  await act('touch /run/early');
  for (const watch of [
    { kind: 'route', prefix: '10.0.1.0/24', via: 'eth1' },
    { kind: 'command', command: 'test -e /run/early', interval: '50ms' },
  ]) {
    await using it = await watching(watch);
    await sleep(200);
    expect(it.signals.map(({ active }) => active)).toEqual([true]);
  }
});

test('log: matching lines, in a file that is made, truncated, replaced', async () => {
  await using it = await watching({ kind: 'log', file: '/var/log/it.log', match: 'peer .* down' });
  for (const write of [
    'echo "peer x down" >> /var/log/it.log',
    'sh -c "echo peer y; echo peer z down" >> /var/log/it.log',
    'echo "peer t down" > /var/log/it.log',
    'mv /var/log/it.log /var/log/it.log.1; echo "peer n down" > /var/log/it.log',
    'printf "peer h" >> /var/log/it.log; sleep 0.05; echo "alf down" >> /var/log/it.log',
  ]) {
    const [seen, when] = await Promise.all([it.next(), act(write)]);
    expectAt(seen, when);
  }
  expect(it.signals.map(({ detail }) => detail)).toEqual(
    ['x', 'z', 't', 'n', 'half'].map((name) => `peer ${name} down`),
  );
});

test("log: a daemon's console", async () => {
  await using it = await watching({ kind: 'log', match: 'link lost' });
  const [seen, when] = await Promise.all([it.next(), act('echo "link lost" > /proc/1/fd/1')]);
  expectAt(seen, when);
});
