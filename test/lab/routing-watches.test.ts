import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { labForAll, sh } from './labs.js';
import { expectPrompt, frrInstants, watching as watchingIn } from './watching.js';

const ROUTERS = `name: routers
topology:
  kinds: { linux: { image: faildrill/gateway } }
  nodes:
    a: { binds: [daemons:/etc/frr/daemons:ro, a.conf:/etc/frr/frr.conf:ro] }
    b: { binds: [daemons:/etc/frr/daemons:ro, b.conf:/etc/frr/frr.conf:ro] }
    quiet: { binds: [daemons:/etc/frr/daemons:ro, quiet.conf:/etc/frr/frr.conf:ro] }
    bare: { image: faildrill/host }
  links:
    - { endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }
    - { endpoints: [a:eth2, b:eth2], ipv4: [10.0.2.1/24, 10.0.2.2/24] }
`;

const DAEMONS = `zebra_options="-A 127.0.0.1"
ospfd=yes
bgpd=yes
bfdd=yes
bfdd_wrap="$(chrt -f 20 true 2>/dev/null && echo chrt -f 20)"
watchfrr_options="--interval 1 --timeout 5 --restart-timeout 10 --min-restart-interval 1 --max-restart-interval 1"
vtysh_enable=yes
`;

const LINK = 'a:eth1 <-> b:eth1';

/** A router whose neighbor is 10.0.N.OTHER on each of two links; BFD, OSPF and BGP do not know of one another. */
const router = (own: number, other: number) => `log file /var/log/frr/frr.log
log timestamp precision 6
debug bfd peer
${[1, 2].map((n) => `interface eth${n}\n ip ospf network point-to-point\n ip ospf hello-interval 1\n ip ospf dead-interval 2`).join('\n')}
router ospf
 ospf router-id 10.0.0.${own}
 log-adjacency-changes
 timers throttle spf 0 50 500
 timers throttle lsa all 0
 timers lsa min-arrival 0
 network 10.0.0.0/8 area 0
router bgp 6500${own}
 bgp router-id 10.0.0.${own}
 bgp log-neighbor-changes
 no bgp ebgp-requires-policy
 neighbor 10.0.1.${other} remote-as 6500${other}
 neighbor 10.0.1.${other} timers 1 3
 neighbor 10.0.1.${other} timers connect 1
bfd
 peer 10.0.1.${other} interface eth1
  receive-interval 100
  transmit-interval 100
`;

const clock = new Clock();
let lab: Lab;
labForAll(
  ROUTERS,
  clock,
  (deployed) => {
    lab = deployed;
  },
  {
    daemons: DAEMONS,
    'a.conf': router(1, 2),
    'b.conf': router(2, 1),
    'quiet.conf': 'router bgp 65009\n bgp router-id 10.0.0.9\nrouter ospf\n ospf router-id 10.0.0.9\n',
  },
);

const watching = (watch: Record<string, unknown>) => watchingIn({ lab, clock }, watch);

/** Waits until all neighbors are there. */
const steady = async () => {
  await expect
    .poll(
      () =>
        sh(
          lab,
          'a',
          "vtysh -c 'show bfd peers' -c 'show ip ospf neighbor' -c 'show bgp neighbors' | grep -cE 'Status: up|Full/|= Established'",
        ).catch(() => '0'),
      { timeout: 30_000, interval: 200 },
    )
    .toBe('4');
};

const kinds: Record<string, { watch: Record<string, unknown>; up: string; line: RegExp }> = {
  bfd: {
    watch: { kind: 'bfd', peer: '10.0.1.2' },
    up: 'up',
    line: /state-change: .*peer:10\.0\.1\.2 .* up -> down/,
  },
  ospf: {
    watch: { kind: 'ospf', neighbor: '10.0.0.2', interface: 'eth1' },
    up: 'full',
    line: /AdjChg: Nbr 10\.0\.0\.2.* on eth1:\S+: Full -> /,
  },
  bgp: {
    watch: { kind: 'bgp', peer: '10.0.1.2' },
    up: 'established',
    line: /%ADJCHANGE: neighbor 10\.0\.1\.2\S* in vrf default Down/,
  },
};

test('bfd: its instants are those of the log', async () => {
  await steady();
  await using it = await watching({ kind: 'bfd', peer: '10.0.1.2', interface: 'eth1' });
  const link = lab.links.get(LINK)!;
  const rounds = 5;
  for (let round = 0; round < rounds; round++) {
    await link.cut('test', 'silent');
    await expect.poll(() => it.signals.at(-1)?.active, { timeout: 5000 }).toBe(true);
    await link.restore('test');
    await expect.poll(() => it.signals.at(-1)!.active, { timeout: 15_000 }).toBe(false);
  }
  const logged = (await frrInstants({ lab, clock }, 'a', kinds.bfd!.line)).slice(-rounds);
  const lost = it.signals.filter(({ active }) => active);
  expectPrompt(lost, logged);
  expect(Math.max(...lost.map(({ before }, round) => logged[round]! - before))).toBeGreaterThan(-1e6);
});

describe.each(Object.entries(kinds))('%s', (_, { watch, up, line }) => {
  test('the neighbor is lost at the instant that the daemon logs, and comes back', async () => {
    await steady();
    await using it = await watching(watch);
    await using other = await watching({ ...watch, state: up });
    expect(it.signals).toEqual([]);
    await expect.poll(() => other.signals.map(({ active }) => active)).toEqual([true]);
    const link = lab.links.get(LINK)!;
    const seen = it.next();
    const cut = await link.cut('test', 'silent');
    const signal = await seen;
    await link.restore('test');
    const back = await it.next();
    expect(signal, JSON.stringify(it.signals)).toMatchObject({ active: true });
    expect(back).toMatchObject({ active: false });
    const all = await frrInstants({ lab, clock }, 'a', line);
    const logged = all.find((instant) => instant > cut.before)!;
    // Its own stamp. bfdd's message has none, and bfdd may lose the processor after its log line: the quickest of five, above.
    if (watch.kind !== 'bfd') expect(logged - signal!.before).toBeGreaterThan(-1e6);
    expect(Math.abs(signal!.after - logged)).toBeLessThan(20e6);
    expect(other.signals.map(({ active }) => active)).toEqual([true, false, true]);
  });

  test('another neighbor is not this one', async () => {
    await steady();
    const wrong = {
      ...watch,
      state: up,
      ...(watch.neighbor ? { neighbor: '10.0.0.3' } : { peer: '10.0.1.3' }),
    };
    await using it = await watching(wrong);
    await using down = await watching({ ...wrong, state: 'down' });
    const link = lab.links.get(LINK)!;
    await link.cut('test', 'carrier');
    await sleep(500);
    await link.restore('test');
    await sleep(2000);
    expect(it.signals).toEqual([]);
    expect(down.signals.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/no (session|neighbor)$/),
    ]);
  });

  test('a daemon that dies is unknown, and asked again when it is back', async () => {
    await steady();
    await using it = await watching({ ...watch, state: up });
    await expect.poll(() => it.signals.length).toBe(1);
    const daemon = `${watch.kind}d`;
    const seen = it.next();
    const before = clock.now();
    await sh(lab, 'a', `pkill -KILL ${daemon}`);
    const gone = await seen;
    expect(gone).toMatchObject({ active: false, unknown: true, detail: expect.stringMatching(/^unknown: /) });
    expect(gone!.after).toBeGreaterThan(before);
    await expect.poll(() => it.signals.at(-1)!.active, { timeout: 40_000 }).toBe(true);
  });

  test('a node without the daemon, or without its settings', async () => {
    const [host, quiet] = await Promise.allSettled([
      watching({ ...watch, node: 'bare' }),
      watching({ ...watch, node: 'quiet' }),
    ]);
    expect(String((host as PromiseRejectedResult).reason)).toMatch(
      /watch "it": \w+d at \/run\/frr\/\S+ cannot be watched: connect: ENOENT/,
    );
    if (watch.kind === 'bfd') {
      if (quiet.status === 'fulfilled') await quiet.value[Symbol.asyncDispose]();
      expect(quiet.status).toBe('fulfilled');
    } else
      expect(String((quiet as PromiseRejectedResult).reason)).toMatch(
        /add "(bgp log-neighbor|log-adjacency)-changes"/,
      );
  });
});
