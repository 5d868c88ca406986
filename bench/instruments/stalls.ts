import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomNumbers } from '../statistics.js';
import { faultsOf, observedDrill } from './observed.js';

const MS = 1e6;
const INTERVAL = 20 * MS;

/** How often sessions are frozen. */
const TIMES = 20;

export interface Stalled {
  /** Lengths of the stalls less those of the freezes, nanoseconds. */
  errors: number[];
  /** Stalls that were shorter than the freeze, as far as both are known. */
  outside: number;
  interval: number;
}

/**
 * Two gateways with a tunnel by wireguard-go between them. While one of these processes hangs, the kernel holds what comes for it, so the
 * session stands still for as long as it hangs, and loses nothing.
 */
export async function freezeSessions(folder: string): Promise<Stalled> {
  const random = randomNumbers(3);
  const steps = Array.from({ length: TIMES }, (_, index) => [
    `  - { inject: process-pause, node: b, process: wireguard-go, as: f${index} }`,
    `  - hold: ${(300 + 900 * random()).toFixed(3)}ms`,
    `  - clear: f${index}`,
    '  - hold: 1s',
  ]).flat();
  writeTopology(folder);
  const file = join(folder, 'stalls.drill.yml');
  writeFileSync(
    file,
    `name: stalls
title: Benchmark
lab: tunnel.clab.yml
probes:
  login: { kind: tcp, from: a, to: b, address: 10.9.0.2, sessions: 4, interval: 20ms }
steps:
${steps.join('\n')}
targets:
  - sessions_survived(login) = 100%
`,
  );
  const { events, result } = await observedDrill({ file, folder, look: async () => async () => {} });
  const trial = result.trials.at(-1)!;
  const pairs = [...faultsOf(events).values()].flatMap(({ inject, clear }) =>
    trial.sessions.flatMap(({ stalls }) => {
      const middle = (inject.after + clear.before) / 2 - trial.from;
      const stall = stalls.find(({ from, to }) => from < middle && to > middle);
      if (!stall) throw new Error('a freeze stalled nothing');
      return {
        told: stall.to - stall.from,
        least: clear.before - inject.after,
        most: clear.after - inject.before,
      };
    }),
  );
  return {
    errors: pairs.map(({ told, least, most }) => told - (least + most) / 2),
    // A record is on its way once in an interval: the last one before the freeze came up to one sooner.
    outside: pairs.filter(({ told, least }) => told < least).length,
    interval: INTERVAL,
  };
}

function writeTopology(folder: string): void {
  const wg = (input: string, ...argv: string[]) =>
    execFileSync('wg', argv, { input, encoding: 'utf8' }).trim();
  const secrets = [wg('', 'genkey'), wg('', 'genkey')];
  const keys = secrets.map((secret) => wg(secret, 'pubkey'));
  const commands = (side: number) => [
    'wireguard-go tunnel',
    `sh -c "echo ${secrets[side]} | wg set tunnel private-key /dev/stdin listen-port 51820 peer ${keys[1 - side]} allowed-ips 0.0.0.0/0 endpoint 10.0.1.${2 - side}:51820"`,
    `ip address add 10.9.0.${side + 1}/24 dev tunnel`,
    'ip link set tunnel up',
  ];
  writeFileSync(
    join(folder, 'tunnel.clab.yml'),
    JSON.stringify({
      name: 'bench-tunnel',
      topology: {
        kinds: { linux: { image: 'faildrill/gateway' } },
        nodes: { a: { exec: commands(0) }, b: { exec: commands(1) } },
        links: [{ endpoints: ['a:eth1', 'b:eth1'], ipv4: ['10.0.1.1/24', '10.0.1.2/24'] }],
      },
    }),
  );
}
