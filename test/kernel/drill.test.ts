import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../fixtures/scenario.js';
import { decided } from '../lab/drill.js';

const LINK = 'a:eth1 <-> b:eth1';

/** Commands that make an end of a tunnel of the kernel's own, with the addresses 10.9.0.1 and 10.9.0.2 inside. */
type Tunnel = (own: { side: 1 | 2; secret: string; peer: string }) => string[];

const wireguard: Tunnel = ({ side, secret, peer }) => [
  'ip link add tunnel type wireguard',
  `sh -c "echo ${secret} | wg set tunnel private-key /dev/stdin listen-port 51820 peer ${peer} allowed-ips 0.0.0.0/0 endpoint 10.0.1.${3 - side}:51820"`,
  `ip address add 10.9.0.${side}/24 dev tunnel`,
  'ip link set tunnel up',
];

const ipsec: Tunnel = ({ side }) => {
  const [own, far] = [side, 3 - side];
  const keys = `auth "hmac(sha256)" 0x${'41'.repeat(32)} enc "cbc(aes)" 0x${'42'.repeat(16)}`;
  const ends = (from: number, to: number) => `src 10.0.1.${from} dst 10.0.1.${to}`;
  const state = (from: number, to: number) =>
    `ip xfrm state add ${ends(from, to)} proto esp spi 0x10${from} mode tunnel ${keys}`;
  const policy = (from: number, to: number, direction: string) =>
    `ip xfrm policy add src 10.9.0.${from} dst 10.9.0.${to} dir ${direction} tmpl ${ends(from, to)} proto esp mode tunnel`;
  return [
    `ip address add 10.9.0.${own}/32 dev lo`,
    `ip route add 10.9.0.${far} via 10.0.1.${far} src 10.9.0.${own}`,
    state(1, 2),
    state(2, 1),
    policy(own, far, 'out'),
    policy(far, own, 'in'),
  ];
};

/** Two gateways with a tunnel between them; the probe goes through it. */
function write(tunnel: Tunnel, steps: string, targets: string): { folder: string; file: string } {
  const folder = temporaryFolder();
  const run = (input: string, ...argv: string[]) =>
    execFileSync('wg', argv, { input, encoding: 'utf8' }).trim();
  const secrets = [run('', 'genkey'), run('', 'genkey')] as const;
  const [a, b] = secrets.map((secret) => run(secret, 'pubkey'));
  const topology = {
    name: 'tunnel',
    topology: {
      kinds: { linux: { image: 'faildrill/gateway' } },
      nodes: {
        a: { exec: tunnel({ side: 1, secret: secrets[0], peer: b! }) },
        b: { exec: tunnel({ side: 2, secret: secrets[1], peer: a! }) },
      },
      links: [{ endpoints: ['a:eth1', 'b:eth1'], ipv4: ['10.0.1.1/24', '10.0.1.2/24'] }],
    },
  };
  writeFileSync(join(folder, 'tunnel.clab.yml'), JSON.stringify(topology));
  const file = join(folder, 'tunnel.drill.yml');
  writeFileSync(
    file,
    `name: tunnel
title: The line under a tunnel of the kernel's own
lab: tunnel.clab.yml
validation-time: 500ms
probes:
  app: { kind: udp, from: a, to: b, address: 10.9.0.2, flows: 4, interval: 20ms, both-ways: true }
steps:
${steps}
targets:
${targets}
`,
  );
  return { folder, file };
}

// A tunnel's packets are what the kernel made of the probe's: once its protocol is blocked, none of the probe's arrive.
test.each([
  ['WireGuard', wireguard, 'wireguard'],
  ['IPsec', ipsec, 'esp'],
])("a drill on the kernel's %s", async (_, tunnel, service) => {
  const { folder, file } = write(
    tunnel,
    `  - { inject: link-cut, link: "${LINK}", mode: silent, as: cut }
  - hold: 2s
  - clear: cut
  - wait: { for: recovery, within: 20s }
  - { inject: block, link: "${LINK}", service: ${service}, as: blocked }
  - hold: 1s
  - clear: blocked
  - wait: { for: recovery, within: 20s }`,
    `  - loss_of_connectivity(app after cut) > 1.9s
  - recovery_time(app after clear cut) < 1s
  - packet_loss(app after blocked) > 99%`,
  );
  const done = await decided(folder, file);
  expect(done.result.verdict, done.stdout).toBe('pass');
});

test("the kernel's netem under a tunnel, chosen by itself, felt as configured; and a firewall that rejects", async () => {
  const { folder, file } = write(
    ipsec,
    `  - { inject: impair, link: "${LINK}", delay: 100ms, loss: 10%, as: bad }
  - hold: 5s
  - clear: bad
  - hold: 1s
  - { inject: block, link: "${LINK}", service: esp, action: reject, as: rejected }
  - hold: 1s
  - clear: rejected`,
    `  - one_way_delay(app after bad) > 99ms
  - one_way_delay(app after bad) < 130ms
  - packet_loss(app after bad) > 2%
  - packet_loss(app after bad) < 25%
  - packet_loss(app after rejected) > 99%`,
  );
  const done = await decided(folder, file);
  expect(done.stderr).toMatch(/packets are impaired by the tc engine/);
  expect(done.result.verdict, done.stdout).toBe('pass');
});
