import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Clock, FastClock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR } from '../fixtures/scenario.js';
import { labForAll, sh } from './labs.js';
import { act as actIn, expectAt, expectPrompt, watching as watchingIn } from './watching.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

const act = (line: string) => actIn({ lab, clock }, 'b', line);
const watching = (watch: Record<string, unknown>) =>
  watchingIn({ lab, clock }, { kind: 'conntrack', ...watch });
const send = (port: number, text = 'x') => `bash -c 'printf ${text} > /dev/udp/10.0.1.1/${port}'`;

/** How many sockets listen to events of the kernel's netfilter (linux/netlink.h: protocol 12). */
const listeners = async () =>
  Number(await sh(lab, 'a', `awk '$2 == 12 && $4 != "00000000"' /proc/net/netlink | wc -l`));

test('connections that fit, at the instant that the kernel tells', async () => {
  await sh(
    lab,
    'a',
    "nft 'table inet t { chain c { type filter hook input priority 0; ct state new accept; }; }'",
  );
  await using it = await watching({ protocol: 'udp', source: '10.0.1.2', port: 5000 });
  await using gone = await watching({ event: 'destroy', protocol: 'udp', port: 5000 });
  await using six = await watching({ protocol: 'icmpv6', destination: 'fe80:0:0::1' });
  await act(send(5001));
  await act("bash -c 'printf x > /dev/tcp/10.0.1.1/5000' || true");
  await act('ping -c 1 10.0.1.1');
  await sleep(100);
  expect(it.signals).toEqual([]);

  const watches = await listeners();
  const stamped = sh(
    lab,
    'a',
    'timeout 19 stdbuf -oL chrt -f 30 conntrack -E -e NEW -p udp --dport 5000 -o timestamp 2>/dev/null; true',
  );
  await expect.poll(listeners).toBe(watches + 1);
  for (let round = 0; round < 5; round++) {
    const [seen, when] = await Promise.all([it.next(), act(send(5000))]);
    expect(seen, `round ${round}: ${await sh(lab, 'a', 'conntrack -L')}`).toBeDefined();
    expectAt(seen, when);
    expect(seen!.after - seen!.before).toBeLessThan(50e6);
    expect(seen!.detail).toMatch(/^new udp 10\.0\.1\.2:\d+ -> 10\.0\.1\.1:5000$/);
  }
  await sh(lab, 'a', 'pkill -INT -x conntrack');
  const fast = new FastClock(clock.anchor);
  const instants = [...(await stamped).matchAll(/^\[(\d+)\.(\d+)\s*\]/gm)].map(([, seconds, micro]) =>
    fast.fromWall(Number(seconds), Number(micro) * 1e3),
  );
  expect(instants).toHaveLength(5);
  expectPrompt(it.signals, instants);

  const [end, when] = await Promise.all([
    gone.next(),
    actIn({ lab, clock }, 'a', 'conntrack -D -p udp --dport 5000'),
  ]);
  expectAt(end, when);
  await expect.poll(() => gone.signals.length).toBe(5);
  expect(end!.detail).toMatch(/^destroy udp 10\.0\.1\.2:\d+ -> 10\.0\.1\.1:5000$/);
  expect(it.signals).toHaveLength(5);
  expect(six.signals).toEqual([]);
});

test('a node that tracks nothing says so', async () => {
  await using it = await watching({ node: 'b' });
  await expect.poll(() => it.signals).toMatchObject([{ active: false, unknown: true }]);
});
