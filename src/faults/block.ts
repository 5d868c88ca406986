import * as z from 'zod';
import { impairment } from '../netem/impairment.js';
import type { Match } from '../netem/match.js';
import { matchSchema } from '../netem/match.js';
import { impairing } from './impairing.js';
import { rejecting } from './reject.js';

/** Packets of services by name (IANA's ports; WireGuard's is its usual one). A port is blocked as source and as destination. */
const services = {
  bfd: [...port('udp', 3784), ...port('udp', 4784)],
  bgp: port('tcp', 179),
  dns: [...port('udp', 53), ...port('tcp', 53)],
  esp: [{ protocol: 'esp' }],
  https: [...port('tcp', 443), ...port('udp', 443)],
  icmp: [{ protocol: 'icmp' }, { protocol: 'icmpv6' }],
  ike: [...port('udp', 500), ...port('udp', 4500)],
  openvpn: [...port('udp', 1194), ...port('tcp', 1194)],
  ospf: [{ protocol: 'ospf' }],
  vrrp: [{ protocol: 'vrrp' }],
  wireguard: port('udp', 51_820),
} as const satisfies Record<string, Match[]>;

function port(protocol: 'tcp' | 'udp', number: number): Match[] {
  return [
    { protocol, 'destination-port': number },
    { protocol, 'source-port': number },
  ];
}

interface Blocked {
  service?: keyof typeof services | undefined;
  match?: Match | undefined;
}

const matchesOf = ({ service, match }: Blocked): readonly Match[] =>
  service === undefined ? [match!] : services[service];

const drop = impairing({
  name: 'block',
  description:
    'a firewall on the way drops the packets of a service, or those that fit, or rejects them with an answer',
  parameters: {
    service: z
      .enum(Object.keys(services) as (keyof typeof services)[])
      .optional()
      .meta({ description: 'by name, on its well-known ports; ike has ESP in UDP with it' }),
    match: matchSchema.optional().meta({ description: 'the packets themselves, instead of a service' }),
    action: z.enum(['drop', 'reject']).default('drop').meta({
      description:
        'drop: without a word; reject: TCP is answered by a reset, all else by ICMP, by a firewall where packets leave the link',
    }),
  },
  impairments: () => [impairment({ loss: '100%' })],
  matches: matchesOf,
  check({ service, match, action }) {
    if ((service === undefined) === (match === undefined))
      return { key: 'inject', message: 'expected either a "service" or a "match"' };
    if (action === 'reject' && match?.['longer-than'] !== undefined)
      return { key: 'match', message: '"longer-than" can be dropped only' };
    return undefined;
  },
});

/** A firewall on the way drops a service's packets, or rejects them. */
export const block: typeof drop = {
  ...drop,
  impairs: (said, topology) => (said.action === 'drop' ? drop.impairs!(said, topology) : []),
  prepare: (said, context) =>
    said.action === 'drop'
      ? drop.prepare(said, context)
      : rejecting({ ...said, matches: matchesOf(said) }, context),
};
