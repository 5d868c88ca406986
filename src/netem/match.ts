import { isIP } from 'node:net';
import * as z from 'zod';

/** IP protocols by name (IANA). */
export const protocols = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  ospf: 89,
  vrrp: 112,
} as const;

const network = z.string().refine(
  (text) => {
    const [address = '', length] = text.split('/');
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
    return bits > 0 && (length === undefined || (/^\d+$/.test(length) && Number(length) <= bits));
  },
  { error: 'expected an address or a network, as 10.2.0.10 or 10.2.0.0/24' },
);

const port = z.int().min(1).max(65_535);

/** Which packets are meant; all that is said must fit. */
export const matchSchema = z
  .strictObject({
    protocol: z
      .union([z.enum(Object.keys(protocols) as (keyof typeof protocols)[]), z.int().min(0).max(255)])
      .optional()
      .meta({ description: 'name or number of an IP protocol' }),
    source: network.optional().meta({ description: 'address or network that packets come from' }),
    destination: network.optional().meta({ description: 'address or network that packets go to' }),
    'source-port': port.optional(),
    'destination-port': port.optional(),
    dscp: z.int().min(0).max(63).optional(),
    'longer-than': z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .meta({ description: 'bytes of the packet, without its link header' }),
  })
  .refine(
    ({ source, destination }) =>
      source === undefined || destination === undefined || source.includes(':') === destination.includes(':'),
    {
      error: 'source and destination are of different versions of IP',
    },
  )
  .refine((match) => Object.values(match).some((value) => value !== undefined), {
    error:
      'expected at least one of protocol, source, destination, source-port, destination-port, dscp, longer-than',
  });

/** Which packets are meant. */
export type Match = z.output<typeof matchSchema>;

/** Whether the addresses of a match are of a version of IP; those of none are of both. */
export const hasVersion = ({ source, destination }: Match, version: 4 | 6): boolean =>
  [source, destination].every(
    (network) => network === undefined || network.includes(':') === (version === 6),
  );

/** Number of an IP protocol. */
export const numberOf = (protocol: NonNullable<Match['protocol']>): number =>
  typeof protocol === 'string' ? protocols[protocol] : protocol;
