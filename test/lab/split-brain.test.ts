import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../fixtures/scenario.js';
import { drill } from './drill.js';

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
  links: [{ endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }]
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
steady-state: [on-a is active, on-b is not active, line loses nothing for 1s]
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
    // Three advertisements and (256 - 100) / 256 of one are 361 ms; a killed daemon leaves its address behind.
    '  - detection_time(on-b after died) < 600ms\n  - detection_time(on-b after died) > 200ms',
  );
  const done = await drill(folder, file);
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
    `  - { inject: block, link: "a:eth1 <-> b:eth1", service: vrrp, as: deaf }
  - hold: 2s
  - clear: deaf
  - hold: 1s`,
    '  - overlap_time(on-a, on-b) < 50ms\n  - packet_loss(line after deaf) < 1%',
  );
  const done = await drill(folder, file);
  expect(done.result.verdict, done.stdout).toBe('fail');
  const [overlap, loss] = done.result.targets;
  expect(loss!.verdict).toBe('pass');
  expect(overlap!.verdict).toBe('fail');
  // Two seconds, less the 361 ms until the backup missed them, and the time until it heard one again.
  expect(overlap!.measured!.value / 1e9).toBeGreaterThan(1.3);
  expect(overlap!.measured!.value / 1e9).toBeLessThan(2.3);
});
