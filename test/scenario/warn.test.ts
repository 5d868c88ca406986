import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../src/scenario/load.js';
import { labTimers } from '../../src/scenario/timers/lab-timers.js';
import { loadTopology } from '../../src/topology/load.js';
import { SCENARIO, temporaryFolder } from '../fixtures/scenario.js';

type Files = Record<string, Record<string, string>>;

/** A lab of two nodes with files of their own, by their paths in the node; returns the topology's path. */
function writeLab(folder: string, files: Files): string {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const nodes = ['a', 'b'].map((node) => {
    const binds = Object.entries(files[node] ?? {}).map(([target, text], index) => {
      write(`${node}${index}`, text);
      return `${node}${index}:${target}:ro`;
    });
    return `    ${node}: { binds: [${binds.join(', ')}] }\n`;
  });
  write(
    'pair.clab.yml',
    `name: pair\ntopology:\n  kinds: { linux: { image: faildrill/host } }\n  nodes:\n${nodes.join('')}  links:\n    - { endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }\n`,
  );
  return join(folder, 'pair.clab.yml');
}

/** What a scenario with this target is warned of. */
function warnings(
  target: string,
  options: { watches?: string; files?: Files; mode?: string } = {},
): string[] {
  const { watches = '{}', files = {}, mode = 'silent' } = options;
  const folder = temporaryFolder();
  writeLab(folder, files);
  const file = join(folder, 'x.drill.yml');
  const text = SCENARIO.replace('loss_of_connectivity(app) < 1s', target)
    .replace('mode: silent', `mode: ${mode}`)
    .replace('probes:', 'probes:\n  login: { kind: tcp, from: a, to: b, interval: 100ms }');
  writeFileSync(file, `${text}watches: ${watches}\n`);
  return loadScenario(file).warnings.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

describe('what an instrument cannot tell', () => {
  const polled =
    "{ w: { kind: command, node: a, command: 'true', interval: 500ms }, v: { kind: log, node: a, match: x } }";

  test.each([
    [
      'detection_time(w) < 900ms',
      ['17:5: "w" can tell an instant to 500 ms, so a limit below 1 s may stay undecided'],
    ],
    ['detection_time(w) < 1s', []],
    ['detection_time(w) > 100ms', []],
    ['active_time(w) = 0ms', []],
    ['detection_time(v) < 10ms', []],
    [
      'decision_time(v, w) < 600ms',
      [expect.stringContaining('"v" and "w" can tell an instant to 501 ms together')],
    ],
    [
      'session_stall(login) < 150ms',
      ['17:5: "login" sends a record every 100 ms, so a limit below 200 ms may stay undecided'],
    ],
    ['session_stall(login) < 2s', []],
    ['time_to_reversion(app) < 30ms', [expect.stringContaining('which way "app" goes is told every 20 ms')]],
    ['time_to_reversion(app) < 200ms', []],
  ])('%s', (target, expected) => {
    expect(warnings(target, { watches: polled, mode: 'carrier' })).toEqual(expected);
  });
});

const frr = (interval: number, more = '') => `bfd
 profile tunnel
  receive-interval ${interval}
  detect-multiplier 3
 exit
interface eth1
 ip ospf area 0
 ip ospf hello-interval 1
 ip ospf dead-interval 4
${more}exit
`;
const BFD = frr(100, ' ip ospf bfd\n ip ospf bfd profile tunnel\n');
const both = (text: string): Files => ({
  a: { '/etc/frr/frr.conf': text },
  b: { '/etc/frr/frr.conf': text },
});

describe("what the lab's own timers do not allow", () => {
  const route = '{ w: { kind: route, node: a, prefix: 10.5.0.0/16, via: eth1 } }';

  test.each([
    [
      'a route that waits for BFD',
      'detection_time(w) < 150ms',
      { watches: route, files: both(BFD) },
      ['17:5: the fastest timer that could notice this fault is of a: BFD 3 × 100 ms, not before 200 ms'],
    ],
    ['the same with time enough', 'detection_time(w) < 250ms', { watches: route, files: both(BFD) }, []],
    [
      'a line that tells by its carrier',
      'detection_time(w) < 150ms',
      { watches: route, files: both(BFD), mode: 'carrier' },
      [],
    ],
    ['nobody who would have to wait', 'detection_time(w) < 150ms', { watches: route }, []],
    [
      'a route that waits for OSPF',
      'detection_time(w) < 2s',
      { watches: route, files: both(frr(100)) },
      [expect.stringContaining('a: OSPF dead interval 4 s, not before 3 s')],
    ],
    [
      'a recovery',
      'recovery_time(app) < 100ms',
      { files: both(BFD) },
      [expect.stringContaining('BFD 3 × 100 ms')],
    ],
    [
      'an address that waits for VRRP',
      'detection_time(w) < 200ms',
      {
        watches: '{ w: { kind: address, node: b, address: 10.0.1.9 } }',
        files: {
          b: {
            '/etc/keepalived/keepalived.conf':
              'global_defs { vrrp_version 3 }\nvrrp_instance pair {\n  advert_int 0.1\n  priority 200\n  virtual_ipaddress { 10.0.1.9/24 }\n}\n',
          },
        },
      },
      [expect.stringContaining('b: VRRP pair: 3 × 100 ms and a skew of 21.9 ms, not before 222 ms')],
    ],
    [
      'a peer that nobody asks',
      'detection_time(w) < 1m',
      {
        watches: '{ w: { kind: ike, node: a } }',
        files: { a: { '/etc/swanctl/swanctl.conf': 'connections { t { version = 2 } }' } },
      },
      [expect.stringContaining('a: IKE without dpd_delay, which never asks, never')],
    ],
  ])('%s', (_, target, options, expected) => {
    expect(warnings(target, options)).toEqual(expected);
  });
});

test('what the scenario itself says of its timers', () => {
  const folder = temporaryFolder();
  writeLab(folder, {});
  const file = join(folder, 'x.drill.yml');
  const text = SCENARIO.replace(
    'targets:',
    'targets:\n  - recovery_time(app) < 150ms\n  - recovery_time(app) < 2s',
  );
  const timers =
    'timers:\n  - { timer: BFD, value: 3 x 100 ms, implies: [recovery_time(app) 200ms to 400ms] }\n';
  writeFileSync(file, `${text}${timers}`);
  expect(loadScenario(file).warnings.map(({ message }) => message)).toEqual([
    'the timer "BFD" implies at least 200 ms, as this scenario says',
  ]);
});

/** The timers of node a. */
const timersOf = (files: Files) =>
  labTimers(loadTopology(writeLab(temporaryFolder(), files)))
    .get('a')!
    .map(({ protocol, least }) => [protocol, Math.round(least / 1e6)]);

test.each<[string, Files, [string, number][]]>([
  ['nothing', {}, []],
  [
    'the lesser multiplier of the other side',
    {
      a: { '/etc/frr/frr.conf': BFD },
      b: { '/etc/frr/frr.conf': BFD.replace('multiplier 3', 'multiplier 2') },
    },
    [
      ['BFD', 100],
      ['OSPF', 100],
    ],
  ],
  [
    'defaults of FRR',
    both('interface eth1\n ip ospf area 0\nrouter bgp 65001\n neighbor 10.0.1.2 remote-as 65002\n'),
    [
      ['OSPF', 30_000],
      ['BGP', 120_000],
    ],
  ],
  [
    'the lesser hold time',
    {
      a: { '/etc/frr/frr.conf': 'router bgp 1\n timers bgp 3 9\n' },
      b: { '/etc/frr/frr.conf': 'router bgp 2\n neighbor 10.0.1.1 timers 1 3\n' },
    },
    [['BGP', 2000]],
  ],
  [
    'hellos of less than a second',
    both('interface eth1\n ip ospf area 0\n ip ospf dead-interval minimal hello-multiplier 4\n'),
    [['OSPF', 750]],
  ],
  ['a passive interface', both('interface eth1\n ip ospf area 0\n ip ospf passive\n'), []],
  // strongswan.conf(5): 165 s by default.
  [
    'dead peer detection',
    { a: { '/etc/swanctl/swanctl.conf': 'connections { t { dpd_delay = 10s } }' } },
    [['IKE', 165_061]],
  ],
  [
    'impatient dead peer detection',
    {
      a: {
        '/etc/swanctl/swanctl.conf': 'connections { t { dpd_delay = 1s } }',
        '/etc/strongswan.conf':
          'charon { retransmit_tries = 2\n retransmit_timeout = 0.5\n retransmit_base = 1.0 }',
      },
    },
    [['IKE', 1500]],
  ],
  [
    'a client of OpenVPN',
    { a: { '/etc/openvpn/client.conf': 'client\nkeepalive 10 60\n' } },
    [['OpenVPN', 50_000]],
  ],
  [
    'a server of OpenVPN',
    { a: { '/etc/openvpn/server.conf': 'mode server\nkeepalive 10 60\n' } },
    [['OpenVPN', 110_000]],
  ],
  // RFC 5798: 3.61 s with a priority of 100, the last advertisement up to one second ago.
  [
    'VRRP with its defaults',
    { a: { '/etc/keepalived/keepalived.conf': 'vrrp_instance x {\n}\n' } },
    [['VRRP', 2609]],
  ],
])('timers: %s', (_, files, expected) => {
  expect(timersOf(files)).toEqual(expected);
});
