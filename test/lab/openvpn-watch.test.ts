import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { labForAll, sh } from './labs.js';
import { watching as watchingIn } from './watching.js';

const LINK = 'a:eth1 <-> b:eth1';
const SITES = `name: sites
topology:
  kinds: { linux: { image: faildrill/gateway } }
  nodes:
    a: { binds: [a.conf:/etc/openvpn/a.conf:ro, key:/etc/openvpn/key:ro] }
    b: { binds: [b.conf:/etc/openvpn/b.conf:ro, key:/etc/openvpn/key:ro] }
    bare: { image: faildrill/host }
  links: [{ endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }]
`;

/** A static key serves a link between two; the state is the same as with TLS. */
const site = (own: number, other: number, management: string) => `dev tun0
proto udp
local 10.0.1.${own}
remote 10.0.1.${other}
ifconfig 10.8.0.${own} 10.8.0.${other}
secret key
cipher AES-256-CBC
ping 1
ping-restart 3
persist-key
persist-tun
management ${management}
`;

const clock = new Clock();
let lab: Lab;
labForAll(
  SITES,
  clock,
  (deployed) => {
    lab = deployed;
  },
  {
    'a.conf': site(1, 2, '/run/openvpn.sock unix'),
    'b.conf': site(2, 1, '127.0.0.1 7505'),
    // 2048 bits, 16 bytes a line.
    key: `-----BEGIN OpenVPN Static key V1-----\n${randomBytes(256).toString('hex').replace(/.{32}/g, '$&\n')}-----END OpenVPN Static key V1-----\n`,
  },
);

const watching = (watch: Record<string, unknown>) =>
  watchingIn({ lab, clock }, { kind: 'openvpn', ...watch });
const active = ({ signals }: { signals: { active: boolean }[] }) => signals.map(({ active }) => active);

test('the peer is lost at the instant that OpenVPN logs it, and is back; by a unix socket and by a port', async () => {
  await using it = await watching({ management: '/run/openvpn.sock' });
  await using other = await watching({ node: 'b', management: '127.0.0.1:7505', state: 'connected' });
  await expect.poll(() => active(it).at(-1) ?? false, { timeout: 20_000 }).toBe(false);
  await expect.poll(() => active(other).at(-1), { timeout: 20_000 }).toBe(true);
  const known = it.signals.length;
  const link = lab.links.get(LINK)!;
  const cut = await link.cut('test', 'silent');
  const lost = await it.next();
  await link.restore('test');
  expect(lost).toMatchObject({
    active: true,
    detail: expect.stringMatching(/^RECONNECTING \(ping-restart\)$/),
  });
  // Three seconds without a packet, of which the last may have come a second before; its clock has whole seconds.
  expect(lost!.before - cut.before).toBeGreaterThan(1.5e9);
  expect(lost!.after - cut.after).toBeLessThan(5e9);
  await expect.poll(() => active(it).slice(known), { timeout: 20_000 }).toEqual([true, false]);
  await expect.poll(() => active(other).at(-1), { timeout: 20_000 }).toBe(true);
});

test('one that dies is unknown, and asked again when it is back; a second watch finds it taken', async () => {
  await using it = await watching({ management: '/run/openvpn.sock', state: 'connected' });
  await expect.poll(() => active(it).at(-1), { timeout: 20_000 }).toBe(true);
  await expect(watching({ management: '/run/openvpn.sock' })).rejects.toThrow(/another client may have/);
  const seen = it.next();
  const before = clock.now();
  await sh(lab, 'a', 'pkill -KILL openvpn');
  const gone = await seen;
  expect(gone).toMatchObject({ active: false, unknown: true });
  expect(gone!.after).toBeGreaterThan(before);
  await sh(lab, 'a', 'openvpn --cd /etc/openvpn --config a.conf > /dev/null 2>&1 &');
  await expect.poll(() => active(it).at(-1), { timeout: 20_000 }).toBe(true);
});

test('a node without it', async () => {
  await expect(watching({ node: 'bare', management: '127.0.0.1:7505' })).rejects.toThrow(
    /watch "it": OpenVPN at 127\.0\.0\.1:7505 cannot be watched: .*ECONNREFUSED/,
  );
});
