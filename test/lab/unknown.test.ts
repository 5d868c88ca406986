import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../fixtures/scenario.js';
import { decided } from './drill.js';

const TOPOLOGY = `name: blind
topology:
  kinds: { linux: { image: faildrill/host } }
  nodes:
    a: { image: faildrill/gateway, binds: [keepalived.conf:/etc/keepalived/keepalived.conf:ro, monitor:/run/monitor:ro], exec: [sh /run/monitor] }
    b:
  links: [{ endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }]
`;
const KEEPALIVED = `vrrp_instance pair {
  interface eth1
  virtual_router_id 7
  advert_int 0.1
  virtual_ipaddress { 10.0.1.9/24 }
}
`;
const MONITOR = `touch /run/prometheus.yml
setsid --fork prometheus --config.file=/run/prometheus.yml --storage.tsdb.path=/run/data --web.listen-address=127.0.0.1:9090 > /run/prometheus.log 2>&1
`;

/** Nothing that the watches look for ever happens; but for two seconds, nobody could have told. */
const SCENARIO = `name: blind
title: The daemons that watches ask are killed
lab: blind.clab.yml
validation-time: 1s
probes:
  app: { kind: udp, from: a, to: b, interval: 5ms }
watches:
  fault: { kind: vrrp, node: a, instance: pair, state: fault }
  alarm: { kind: prometheus, node: a, query: vector(1), is: '< 1', interval: 100ms }
  other: { kind: address, node: b, address: 10.0.1.9 }
steady-state:
  - fault is not active
  - alarm is not active
  - app loses nothing for 500ms
steps:
  - parallel:
      - { inject: process-kill, node: a, process: keepalived, restart: '(keepalived --dont-fork --log-console --log-detail > /proc/1/fd/1 2>&1 &)', as: gateway }
      - { inject: process-kill, node: a, process: prometheus, restart: sh /run/monitor, as: monitor }
  - hold: 2s
  - check: [fault is not active, alarm is not active, other is not active]
  - clear: monitor
  - clear: gateway
targets:
  - detection_time(fault after gateway) > 1s
  - detection_time(alarm after monitor) > 1s
  - detection_time(other after monitor) > 1s
  - signals(fault) = 0
  - active_time(fault) = 0ms
  - active_time(alarm) < 60s
  - overlap_time(alarm, fault) = 0ms
`;

test('what two daemons would have told while they were dead is undecided, and never taken for nothing', async () => {
  const folder = temporaryFolder();
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('blind.clab.yml', TOPOLOGY);
  write('keepalived.conf', KEEPALIVED);
  write('monitor', MONITOR);
  write('blind.drill.yml', SCENARIO);
  const { result } = await decided(folder, join(folder, 'blind.drill.yml'));
  expect(result.problems).toEqual([]);
  expect(result.failures).toEqual([
    'trial 1: check failed: fault is not active',
    'trial 1: check failed: alarm is not active',
  ]);
  expect(result.targets.map(({ text, verdict }) => `${text}: ${verdict}`)).toEqual([
    'detection_time(fault after gateway) > 1s: inconclusive',
    'detection_time(alarm after monitor) > 1s: inconclusive',
    'detection_time(other after monitor) > 1s: pass',
    'signals(fault) = 0: inconclusive',
    'active_time(fault) = 0ms: inconclusive',
    'active_time(alarm) < 60s: pass',
    'overlap_time(alarm, fault) = 0ms: inconclusive',
  ]);
  const unknown = Object.fromEntries(result.trials[0]!.watches.map(({ watch, unknown }) => [watch, unknown]));
  expect(unknown.other).toEqual([]);
  for (const watch of ['fault', 'alarm']) {
    const { from, to } = unknown[watch]![0]!;
    expect(to - from).toBeGreaterThan(1.9e9);
  }
  expect(
    result.measured.find(({ metric, subject }) => metric === 'active_time' && subject === 'alarm')!.trials,
  ).toMatchObject([{ measurement: { value: 0, lower: 0, upper: expect.closeTo(2.5e9, -10) } }]);
});
