import { expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { labForAll, sh } from './labs.js';
import { expectPrompt, watching as watchingIn } from './watching.js';

const GATEWAYS = `name: gateways
topology:
  kinds: { linux: { image: faildrill/gateway } }
  nodes:
    a: { binds: [a.conf:/etc/keepalived/keepalived.conf:ro] }
    b: { binds: [b.conf:/etc/keepalived/keepalived.conf:ro] }
    bare: { image: faildrill/host }
  links: [{ endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }]
`;

/** It writes each change to a FIFO as well, so that another reader can say when that was. */
const gateway = (priority: number) => `global_defs {
  vrrp_version 3
  vrrp_notify_fifo /run/states
}
vrrp_instance pair {
  interface eth1
  virtual_router_id 7
  advert_int 0.1
  priority ${priority}
  virtual_ipaddress { 10.0.1.9/24 }
}
vrrp_instance other {
  interface eth1
  virtual_router_id 8
  advert_int 0.1
  priority ${priority}
  virtual_ipaddress { 10.0.1.8/24 }
}
`;

/** Prints each line of the FIFO behind CLOCK_MONOTONIC in nanoseconds, until one is "end". */
const READER = `import time
for line in open("/run/states"):
    print(time.monotonic_ns(), line, end="")
    if line.startswith("end"): break
`;

const clock = new Clock();
let lab: Lab;
labForAll(
  GATEWAYS,
  clock,
  (deployed) => {
    lab = deployed;
  },
  { 'a.conf': gateway(200), 'b.conf': gateway(100) },
);

const watching = (watch: Record<string, unknown>) => watchingIn({ lab, clock }, { kind: 'vrrp', ...watch });
const START = 'keepalived --dont-fork --log-console --log-detail > /proc/1/fd/1 2>&1 &';

test('each state at its instant, from the start on', async () => {
  await using master = await watching({ instance: 'pair', state: 'master' });
  await using backup = await watching({ instance: 'pair', state: 'backup', node: 'b' });
  await using fault = await watching({ instance: 'pair', state: 'fault' });
  await expect.poll(() => master.signals.at(-1)?.active).toBe(true);
  await expect.poll(() => backup.signals.at(-1)?.active).toBe(true);
  expect(fault.signals).toEqual([]);
  const told = sh(lab, 'a', `chrt -f 30 python3 -c '${READER}'`);
  const last = ({ signals }: typeof master) => signals.at(-1)?.active;
  for (let round = 1; round <= 5; round++) {
    await sh(lab, 'a', 'ip link set eth1 down');
    await expect.poll(() => [last(fault), last(backup)]).toEqual([true, false]);
    await sh(lab, 'a', 'ip link set eth1 up');
    await expect.poll(() => [last(master), last(backup)]).toEqual([true, true]);
  }
  await sh(lab, 'a', 'echo end > /run/states');
  const instants = (await told)
    .split('\n')
    .filter((line) => line.includes('"pair" FAULT'))
    .slice(-5)
    .map((line) => clock.at(line.split(' ')[0]!));
  const seen = fault.signals.filter(({ active }) => active);
  expect(instants).toHaveLength(5);
  expect(seen[0]!.detail).toBe('pair is FAULT');
  // The line of the FIFO follows that of the log.
  expectPrompt(seen, instants);
  expect(master.signals.map(({ active }) => active).slice(0, 5)).toEqual([true, false, true, false, true]);
  expect(backup.signals.map(({ active }) => active).slice(0, 5)).toEqual([true, false, true, false, true]);
});

test('a keepalived that is killed is unknown, whatever address it left behind, and known again when it is back', async () => {
  await using it = await watching({ instance: 'pair', state: 'master' });
  await expect.poll(() => it.signals.at(-1)?.active).toBe(true);
  // It says that it is the master before it takes the address.
  await expect.poll(() => sh(lab, 'a', 'ip -br address show eth1')).toContain('10.0.1.9');
  const before = clock.now();
  const seen = it.next();
  // One that outlives the other for a moment would take the address away.
  await sh(lab, 'a', 'pkill -STOP keepalived; pkill -KILL keepalived');
  const gone = await seen;
  expect(gone).toMatchObject({ active: false, unknown: true });
  expect(gone!.after).toBeGreaterThan(before);
  expect(await sh(lab, 'a', 'ip -br address show eth1')).toContain('10.0.1.9');
  await sh(lab, 'a', START);
  await expect.poll(() => it.signals.at(-1)!.active).toBe(true);
});

test('an instance that is not there, and a node without keepalived', async () => {
  const refused = await Promise.allSettled([
    watching({ instance: 'nobody' }),
    watching({ instance: 'pair', node: 'bare' }),
    watching({ instance: 'pair', file: '/var/log/none.log' }),
  ]);
  for (const outcome of refused)
    expect(String((outcome as PromiseRejectedResult).reason)).toMatch(
      /watch "it": instance "(nobody|pair)" of keepalived cannot be watched: .* has no line of its state/,
    );
});
