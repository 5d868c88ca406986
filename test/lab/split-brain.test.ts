import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../fixtures/scenario.js';
import { decided } from './drill.js';

// Only version 3 has advertisements of less than a second.
const VRRP = (priority: number) => `global_defs { vrrp_version 3 }
vrrp_instance pair {
  interface eth1
  virtual_router_id 7
  advert_int 0.1
  priority ${priority}
  virtual_ipaddress { 10.0.1.9/24 }
}
`;

/** Two gateways with a virtual address; steps that break something between them. */
function write(steps: string, targets: string): { folder: string; file: string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.conf'), VRRP(200));
  writeFileSync(join(folder, 'b.conf'), VRRP(100));
  writeFileSync(
    join(folder, 'pair.clab.yml'),
    `name: pair
topology:
  kinds: { linux: { image: faildrill/gateway } }
  nodes:
    a: { binds: [a.conf:/etc/keepalived/keepalived.conf:ro] }
    b: { binds: [b.conf:/etc/keepalived/keepalived.conf:ro] }
    lan: { kind: bridge }
    observer:
  links:
    - { endpoints: [a:eth1, lan:a], ipv4: [10.0.1.1/24] }
    - { endpoints: [b:eth1, lan:b], ipv4: [10.0.1.2/24] }
    - { endpoints: [observer:eth1, lan:observer], ipv4: [10.0.1.3/24] }
`,
  );
  const file = join(folder, 'pair.drill.yml');
  writeFileSync(
    file,
    `name: pair
title: Two gateways with one virtual address
lab: pair.clab.yml
validation-time: 1s
probes:
  line: { kind: icmp, from: a, to: b, address: 10.0.1.2 }
watches:
  on-a: { kind: address, node: a, address: 10.0.1.9 }
  on-b: { kind: address, node: b, address: 10.0.1.9 }
  conflict: { kind: duplicate-address, node: observer, interface: eth1, address: 10.0.1.9 }
steady-state: [on-a is active, on-b is not active, conflict is not active, line loses nothing for 1s]
steps:
${steps}
targets:
${targets}
`,
  );
  return { folder, file };
}

test('the backup takes the address of a master that died, and holds it beside it', async () => {
  const { folder, file } = write(
    `  - { inject: process-kill, node: a, process: keepalived, restart: "keepalived", as: died }
  - wait: { for: on-b, within: 5s }
  - hold: 1s
  - clear: died
  - hold: 2s`,
    // Three advertisements and (256 - 100) / 256 of one are 361 ms; a part of it that outlives the other may say farewell, then it is less. A
    // killed daemon leaves its address behind.
    '  - detection_time(on-b after died) < 600ms',
  );
  const done = await decided(folder, file);
  expect(done.result.verdict, done.stdout).toBe('pass');
  // The report says which daemon was missing, and where.
  const [{ health = [], bands = [] } = {}] = done.result.trials;
  const away = Object.fromEntries(health.map(({ node, away }) => [node, away]));
  expect(away).toMatchObject({ a: [{ daemon: 'keepalived' }], b: [] });
  const late = [away.a![0]!.from - bands[0]!.from, away.a![0]!.to! - bands[0]!.to];
  for (const value of late) expect(Math.abs(value) / 1e9).toBeLessThan(2.5);
});

test('advertisements that a firewall loses make two masters, for as long as it does', async () => {
  const { folder, file } = write(
    `  - { inject: block, link: "a:eth1 <-> lan:a", service: vrrp, as: deaf }
  - hold: 2s
  - clear: deaf
  - hold: 1s`,
    `  - overlap_time(on-a, on-b) < 50ms
  - active_time(conflict) < 50ms
  - packet_loss(line after deaf) < 1%`,
  );
  const done = await decided(folder, file);
  expect(done.result.verdict, `${done.stdout}\n${done.stderr}`).toBe('fail');
  const [overlap, conflict, loss] = done.result.targets;
  expect(loss!.verdict).toBe('pass');
  expect(overlap!.verdict).toBe('fail');
  // What the nodes say of themselves is what the wire shows.
  expect(conflict!.verdict).toBe('fail');
  expect(conflict!.measured!.lower).toBeLessThanOrEqual(overlap!.measured!.upper);
  expect(conflict!.measured!.upper).toBeGreaterThanOrEqual(overlap!.measured!.lower);
  // Two seconds, less the 361 ms until the backup missed them, and the time until it heard one again.
  expect(overlap!.measured!.value / 1e9).toBeGreaterThan(1.3);
  expect(overlap!.measured!.value / 1e9).toBeLessThan(2.3);
});

test.each(['10.0.1.8/24', 'fd00::8/64'])('two stations answer for %s', async (network) => {
  const take = (action: string) =>
    `ip address ${action} ${network} dev eth1${action === 'add' && network.includes(':') ? ' nodad' : ''}`;
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'lan.clab.yml'),
    `name: lan
topology:
  kinds: { linux: { image: faildrill/host } }
  nodes:
    a: { exec: ["${take('add')}"] }
    b:
    lan: { kind: bridge }
    observer:
  links: [{ endpoints: [a:eth1, lan:a] }, { endpoints: [b:eth1, lan:b], ipv4: [10.0.1.2/24] }, { endpoints: [observer:eth1, lan:observer], ipv4: [10.0.1.3/24] }]
`,
  );
  const file = join(folder, 'lan.drill.yml');
  writeFileSync(
    file,
    `name: lan
title: A second station takes an address
lab: lan.clab.yml
probes:
  line: { kind: icmp, from: observer, to: b, address: 10.0.1.2 }
watches:
  conflict: { kind: duplicate-address, node: observer, interface: eth1, address: "${network.split('/')[0]}" }
steady-state: [conflict is not active]
steps:
  - { inject: exec, node: b, command: "${take('add')}", undo: "${take('del')}", as: taken }
  - hold: 2s
  - clear: taken
  - hold: 1s
targets:
  - detection_time(conflict after taken) < 600ms
  # Each end of it is known to two questions and the time that stations have to answer: less than half a second.
  - active_time(conflict) > 1s
  - active_time(conflict) < 3s
`,
  );
  const done = await decided(folder, file);
  expect(done.result.verdict, done.stdout).toBe('pass');
  const seen = readFileSync(join(done.folder, 'recording.ndjson'), 'utf8');
  expect(seen).toMatch(/is held by ([0-9a-f]{2}:){5}[0-9a-f]{2} and ([0-9a-f]{2}:){5}/);
});

test('a station that answers the kernel of the node that asks, besides, is still one', async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'pair.clab.yml'),
    `name: pair
topology:
  kinds: { linux: { image: faildrill/host } }
  nodes: { a: , observer: }
  links: [{ endpoints: [a:eth1, observer:eth1], ipv4: [10.0.1.1/24, 10.0.1.3/24] }]
`,
  );
  const file = join(folder, 'pair.drill.yml');
  // The kernel asks anew every 20 ms, and the watch listens for 100 ms.
  const asking =
    'for i in $(seq 50); do ip neighbour flush dev eth1; ping -q -c 1 -W 1 10.0.1.1 > /dev/null; sleep 0.02; done';
  writeFileSync(
    file,
    `name: pair
title: One station, two that ask
lab: pair.clab.yml
probes:
  line: { kind: icmp, from: a, to: observer }
watches:
  conflict: { kind: duplicate-address, node: observer, interface: eth1, address: 10.0.1.1 }
steady-state: [conflict is not active]
steps:
  - { inject: exec, node: observer, command: "${asking}", undo: "true", as: questions }
targets: [active_time(conflict) = 0ms]
`,
  );
  const done = await decided(folder, file);
  expect(done.result.verdict, `${done.stdout}\n${done.stderr}`).toBe('pass');
  expect(readFileSync(join(done.folder, 'recording.ndjson'), 'utf8')).not.toMatch(/is held by \S+ and/);
});
