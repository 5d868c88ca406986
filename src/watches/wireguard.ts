import * as z from 'zod';
import { formatDuration, nodeName, positiveDuration } from '../scenario/units.js';
import type { Sight, WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  interface: z.string().min(1).meta({ description: 'interface of the tunnel, as wg0' }),
  peer: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'expected a public key, as `wg show` has it')
    .meta({ description: 'public key of the peer' }),
  age: positiveDuration.meta({
    description:
      'age of the last handshake from which on it is a signal; 180s is when WireGuard gives a session up',
  }),
  interval: positiveDuration
    .prefault('200ms')
    .meta({ description: 'time from one look to the next: with one second more, the error of this watch' }),
};

/** WireGuard shows whole seconds. */
const COARSE = 1e9;

/**
 * Whether the last handshake with a peer is too old, by what `wg show INTERFACE dump` prints (wg(8)). A handshake may have been at the end of
 * the second that is shown, so it is too old only when it surely is.
 * @param now nanoseconds since 1970
 * @throws Error where there is no such peer
 */
export function judgeHandshake(
  dump: string,
  { peer, age, now }: { peer: string; age: number; now: number },
): Sight {
  // A peer's line: key, preshared key, endpoint, allowed addresses, handshake, received, sent, keepalive; the first line is the interface's.
  const fields = dump
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .find(([key]) => key === peer);
  if (!fields) throw new Error(`the interface has no peer ${peer}`);
  const handshake = Number(fields[4]);
  if (fields.length < 8 || !Number.isSafeInteger(handshake))
    throw new Error('wg prints something else than a dump');
  if (handshake === 0) return { active: true, detail: 'no handshake so far' };
  const least = now - (handshake * 1e9 + COARSE);
  return {
    active: least >= age,
    detail: `last handshake ${formatDuration(Math.max(0, least + COARSE))} ago`,
  };
}

/** The last handshake with a WireGuard peer is older than a limit. Polled, of the kernel's WireGuard and of wireguard-go alike. */
export const wireguard: WatchKind<typeof parameters> = {
  name: 'wireguard',
  description:
    'the last handshake with a WireGuard peer is older than a limit (polled; shown in whole seconds)',
  parameters,
  phase: 'detect',
  resolution: ({ interval }) => interval + COARSE,
  interval: ({ interval }) => interval,
  async look({ interface: device, peer, age }, node) {
    const now = Date.now() * 1e6;
    const { code, stdout, stderr } = await node.run({ argv: ['wg', 'show', device, 'dump'], timeout: 5e9 });
    if (code !== 0) throw new Error(`wg show ${device}: ${stderr.trim() || `exit code ${code}`}`);
    return judgeHandshake(stdout, { peer, age, now });
  },
};
