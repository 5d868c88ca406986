import * as z from 'zod';
import {
  CONNTRACK_GROUPS,
  type Connection,
  isTrial,
  parseConnection,
  tracksConnections,
} from '../linux/conntrack.js';
import { insideNetwork } from '../linux/namespaces.js';
import { NETLINK_NETFILTER, Netlink } from '../linux/netlink.js';
import { addressName } from '../linux/socket-address.js';
import { nodeName } from '../scenario/units.js';
import { ipAddress } from './addresses.js';
import { EVENT_RESOLUTION, type Sensor, type Sight, type WatchKind } from './watch.js';

/** Numbers of IANA. */
const PROTOCOLS = { icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, icmpv6: 58, sctp: 132 } as const;
type Protocol = keyof typeof PROTOCOLS;

const parameters = {
  node: nodeName,
  event: z.enum(['new', 'destroy']).default('new').meta({
    description:
      'what happens to the connection; of those that are older than the watch the kernel does not tell the end, unless nf_conntrack_events is 1',
  }),
  protocol: z
    .enum(Object.keys(PROTOCOLS) as [Protocol, ...Protocol[]])
    .optional()
    .meta({ description: 'transport protocol; without it, any' }),
  source: ipAddress.optional().meta({ description: 'where its first packet came from, before translation' }),
  destination: ipAddress
    .optional()
    .meta({ description: 'where its first packet went to, before translation' }),
  port: z.int().min(1).max(65_535).optional().meta({ description: 'port that its first packet went to' }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

const nameOf = (number: number) =>
  Object.entries(PROTOCOLS).find(([, known]) => known === number)?.[0] ?? `protocol ${number}`;

const end = (address: string, port: number | undefined) =>
  port === undefined ? address : addressName({ address, port });

const NOTHING_TRACKED: Sight = {
  active: false,
  unknown: true,
  detail: 'unknown: this node tracks no connections now: no rule of its firewall asks for it',
};

/** Connections that a node begins or ends to track, by events of the kernel. */
class ConntrackSensor implements Sensor {
  readonly initial?: Sight;
  readonly #netlink: Netlink;
  readonly #wanted: Parameters;
  /** Whether nothing has shown so far that the node tracks connections. */
  #isUnknown = false;

  constructor(wanted: Parameters, network: string) {
    this.#wanted = wanted;
    const groups = CONNTRACK_GROUPS[wanted.event];
    this.#netlink = insideNetwork(network, () => new Netlink({ groups, family: NETLINK_NETFILTER }));
    if (insideNetwork(network, tracksConnections)) return;
    this.#isUnknown = true;
    this.initial = NOTHING_TRACKED;
  }

  get descriptor(): number {
    return this.#netlink.descriptor;
  }

  #fits({ event, protocol, source, destination, destinationPort }: Connection): boolean {
    const wanted = this.#wanted;
    return (
      event === wanted.event &&
      (wanted.protocol === undefined || protocol === PROTOCOLS[wanted.protocol]) &&
      (wanted.source === undefined || source === wanted.source) &&
      (wanted.destination === undefined || destination === wanted.destination) &&
      (wanted.port === undefined || destinationPort === wanted.port)
    );
  }

  /** @throws SystemError ENOBUFS where the kernel had more to tell than there was room for: the one that counts may be lost */
  read(): Sight[] {
    const sights: Sight[] = [];
    this.#netlink.receiveEach((message) => {
      const connection = parseConnection(message);
      if (!connection) return;
      if (this.#isUnknown) sights.push({ active: false, detail: 'this node tracks connections' });
      this.#isUnknown = false;
      if (isTrial(connection) || !this.#fits(connection)) return;
      const { event, protocol, source, sourcePort, destination, destinationPort } = connection;
      const ends = `${end(source, sourcePort)} -> ${end(destination, destinationPort)}`;
      sights.push({ active: true, detail: `${event} ${nameOf(protocol)} ${ends}` });
    });
    return sights;
  }

  close(): void {
    this.#netlink[Symbol.dispose]();
  }
}

/** A connection is tracked from now on, or no longer, by the kernel's events (ctnetlink). */
export const conntrack: WatchKind<typeof parameters> = {
  name: 'conntrack',
  description:
    'a node begins to track a connection, or ends to; it tracks only where a rule of its firewall asks for it',
  parameters,
  isMomentary: true,
  resolution: () => EVENT_RESOLUTION,
  sense: (wanted, { network }) => new ConntrackSensor(wanted, network),
};
