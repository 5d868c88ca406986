import * as z from 'zod';
import { listLinks } from '../linux/links.js';
import { GROUPS } from '../linux/routes.js';
import { nodeName } from '../scenario/units.js';
import { NetlinkSensor } from './netlink-sensor.js';
import { EVENT_RESOLUTION, type WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  interface: z.string().min(1).meta({ description: 'interface of the node' }),
  state: z.enum(['down', 'up']).default('down').meta({ description: 'state that counts as the signal' }),
};

/** An interface of a node lost or got its carrier, from rtnetlink events. */
export const carrier: WatchKind<typeof parameters> = {
  name: 'carrier',
  description: 'an interface of a node lost its carrier, or got it',
  parameters,
  phase: 'detect',
  resolution: () => EVENT_RESOLUTION,
  sense: ({ interface: name, state: wanted }, { network }) =>
    new NetlinkSensor({
      network,
      groups: GROUPS.link,
      look(netlink) {
        const link = listLinks(netlink).find((link) => link.name === name);
        const state = link?.carrier ? 'up' : 'down';
        return { active: state === wanted, detail: `${name} ${link ? state : 'is gone'}` };
      },
    }),
};
