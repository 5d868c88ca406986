import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { labForAll, sh } from './labs.js';
import { watching as watchingIn } from './watching.js';

const LINK = 'a:eth1 <-> b:eth1';
const binds = (node: string) =>
  `[${node}.conf:/etc/swanctl/swanctl.conf:ro, strongswan.conf:/etc/strongswan.conf:ro]`;
const GATEWAYS = `name: gateways
topology:
  kinds: { linux: { image: faildrill/gateway } }
  nodes:
    a: { binds: ${binds('a')} }
    b: { binds: ${binds('b')} }
    bare: { image: faildrill/host }
  links:
    - { endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }
    - { endpoints: [a:eth2, bare:eth1], ipv4: [10.1.1.1/24, 10.1.1.2/24] }
    - { endpoints: [b:eth2, bare:eth2], ipv4: [10.1.2.1/24, 10.1.2.2/24] }
`;

/** Without ESP in the kernel, and patient for 1.5 s only. */
const CHARON = `charon-systemd {
  load = random nonce aes sha2 sha1 hmac kdf gmp pem pkcs1 x509 kernel-libipsec kernel-netlink socket-default vici
  retransmit_tries = 2
  retransmit_timeout = 0.5
  retransmit_base = 1.0
}
`;

const gateway = (own: number, other: number) => `connections {
  tunnel {
    local_addrs = 10.0.1.${own}
    remote_addrs = 10.0.1.${other}
    version = 2
    encap = yes
    dpd_delay = 1s
    keyingtries = 0
    proposals = aes128-sha256-modp2048
    local {
      auth = psk
      id = n${own}
    }
    remote {
      auth = psk
      id = n${other}
    }
    children {
      net {
        local_ts = 10.1.${own}.0/24
        remote_ts = 10.1.${other}.0/24
        esp_proposals = aes128-sha256
        dpd_action = ${own === 1 ? 'restart' : 'clear'}
      }
    }
  }
}
secrets {
  ike-1 {
    secret = "drill"
  }
}
`;

/** Prints each line of its input behind CLOCK_MONOTONIC in nanoseconds. */
const STAMP =
  'import sys, time\nfor line in sys.stdin: print(time.monotonic_ns(), line[:40].strip(), flush=True)';

const clock = new Clock();
let lab: Lab;
labForAll(
  GATEWAYS,
  clock,
  (deployed) => {
    lab = deployed;
  },
  {
    'a.conf': gateway(1, 2),
    'b.conf': gateway(2, 1),
    'strongswan.conf': CHARON,
  },
);

const watching = (watch: Record<string, unknown>) => watchingIn({ lab, clock }, { kind: 'ike', ...watch });
const active = ({ signals }: { signals: { active: boolean }[] }) => signals.map(({ active }) => active);
/** Begun here, not by charon: a peer that has no connection loaded yet refuses for good. */
const CONNECTED =
  'swanctl --list-sas 2>/dev/null | grep INSTALLED || { swanctl --initiate --child net --timeout 2 > /dev/null 2>&1; false; }';
const steady = () =>
  expect
    .poll(() => sh(lab, 'a', CONNECTED).catch(() => ''), {
      timeout: 30_000,
      interval: 200,
    })
    .toMatch(/net: #\d+, reqid \d+, INSTALLED/);

test('a dead peer, at the instant that charon tells; back again; and rekeying is neither', async () => {
  await steady();
  await using it = await watching({ connection: 'tunnel' });
  await using child = await watching({ connection: 'tunnel', child: 'net', state: 'up' });
  await using other = await watching({ connection: 'another', state: 'up' });
  expect(active(it)).toEqual([]);
  expect(active(child)).toEqual([true]);
  // A CHILD_SA is not rekeyed while its IKE_SA is.
  for (const what of ['--ike tunnel', '--child net'])
    await sh(
      lab,
      'a',
      `timeout 10 sh -c 'until swanctl --rekey ${what} > /dev/null 2>&1; do sleep 0.3; done'`,
    );
  await sleep(1000);
  expect([active(it), active(child)]).toEqual([[], [true]]);

  const told = sh(
    lab,
    'a',
    `timeout 10 chrt -f 30 stdbuf -oL swanctl --monitor-sa --raw 2>/dev/null | chrt -f 30 python3 -c '${STAMP}'; true`,
  );
  await sleep(500);
  const link = lab.links.get(LINK)!;
  const seen = it.next();
  const cut = await link.cut('test', 'silent');
  const lost = await seen;
  await link.restore('test');
  await expect.poll(() => active(it), { timeout: 15_000 }).toEqual([true, false]);
  await expect.poll(() => active(child), { timeout: 5000 }).toEqual([true, false, true]);
  expect(lost!.before).toBeGreaterThan(cut.after);
  const instants = (await told)
    .split('\n')
    .filter((line) => line.includes('ike-updown'))
    .map((line) => clock.at(line.split(' ')[0]!));
  // Two ends that began at once have two IKE_SAs: not each event changes whether there is one.
  // charon tells one listener after the other, in any order, and may have to wait for a processor in between.
  for (const { after } of it.signals)
    expect(Math.min(...instants.map((instant) => Math.abs(after - instant)))).toBeLessThan(50e6);
  expect(it.signals[0]!.detail).toBe('tunnel: IKE_SA is down (ike-updown)');
  expect(active(other)).toEqual([]);
});

test('a charon that dies is unknown, and asked again when it is back', async () => {
  await steady();
  await using it = await watching({ child: 'net', state: 'up' });
  const seen = it.next();
  const before = clock.now();
  await sh(lab, 'a', 'pkill -KILL charon-systemd');
  const gone = await seen;
  expect(gone).toMatchObject({
    active: false,
    unknown: true,
    detail: expect.stringMatching(/^unknown: charon at /),
  });
  expect(gone!.after).toBeGreaterThan(before);
  await sh(
    lab,
    'a',
    '(charon-systemd > /dev/null 2>&1 &) ; until swanctl --load-all > /dev/null 2>&1; do sleep 0.1; done',
  );
  await steady();
  await expect.poll(() => it.signals.at(-1)!.active, { timeout: 20_000 }).toBe(true);
});

test('a daemon that speaks nonsense does no harm to the watch beside it', async () => {
  await steady();
  const liar = sh(
    lab,
    'a',
    `timeout 15 perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Local => "/run/liar", Listen => 5); while (my $c = $s->accept) { $c->autoflush(1); print $c "nonsense" x 100; select undef, undef, undef, 0.1; close $c }'; true`,
  );
  await using it = await watching({ state: 'up' });
  await expect(watching({ socket: '/run/liar' })).rejects.toThrow(/another language than vici/);
  expect(active(it)).toEqual([true]);
  await liar;
});

test('a node without charon', async () => {
  await expect(watching({ node: 'bare' })).rejects.toThrow(
    /watch "it": charon at \/run\/charon.vici cannot be watched: connect: ENOENT/,
  );
});
