import * as z from 'zod';
import { listLinks } from '../linux/links.js';
import type { Netlink } from '../linux/netlink.js';
import { GROUPS, listRoutes, type Route } from '../linux/routes.js';
import { nodeName } from '../scenario/units.js';
import { NetlinkSensor } from './netlink-sensor.js';
import { EVENT_RESOLUTION, type Sight, type WatchKind } from './watch.js';

const EXPECTED = 'expected a prefix as 10.2.0.0/24, or "default"';
const cidr = z.union([z.cidrv4(), z.cidrv6()]);

const parameters = {
  node: nodeName,
  prefix: z
    .string()
    .regex(/^(default|[0-9a-f.:]+\/\d+)$/i, { error: EXPECTED, abort: true })
    .refine((text) => text === 'default' || cidr.safeParse(text).success, EXPECTED)
    .meta({ description: 'destination, as 10.2.0.0/24, or "default"' }),
  via: z.string().min(1).meta({ description: 'interface or gateway that the best route has to go by' }),
  table: z.int().min(1).max(0xffff_ffff).optional().meta({
    description: 'number of the routing table, as policy routing uses them; without it, the main one',
  }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

function look(netlink: Netlink, { prefix, via, table }: Parameters): Sight {
  const names = new Map(listLinks(netlink).map(({ index, name }) => [index, name]));
  const best = bestRoute(listRoutes(netlink, table), prefix);
  const hops = best?.forwards ? best.hops.map(({ device, gateway }) => [gateway, names.get(device)]) : [];
  const way = hops.map((hop) => hop.filter(Boolean).join(' dev ')).join(', ');
  const detail = !best
    ? `no route to ${prefix}`
    : best.forwards
      ? `${prefix} via ${way}`
      : `${prefix} goes nowhere`;
  return { active: hops.flat().includes(via), detail };
}

function bestRoute(routes: readonly Route[], prefix: string): Route | undefined {
  const wanted = prefix === 'default' ? ['0.0.0.0/0', '::/0'] : [prefix];
  return routes.filter((route) => wanted.includes(route.prefix)).sort((a, b) => a.metric - b.metric)[0];
}

/** The kernel's best route to a prefix goes by a chosen interface or gateway, from rtnetlink events. */
export const route: WatchKind<typeof parameters> = {
  name: 'route',
  description: "a node's best route to a prefix goes by a chosen interface or gateway",
  parameters,
  phase: 'reroute',
  isTimedBy: (_, { protocol }) => ['BFD', 'OSPF', 'BGP'].includes(protocol),
  resolution: () => EVENT_RESOLUTION,
  sense: (parameters, { network }) =>
    new NetlinkSensor({
      network,
      groups: GROUPS.link | GROUPS.routes,
      look: (netlink) => look(netlink, parameters),
    }),
};
