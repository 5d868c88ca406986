import { isIP } from 'node:net';
import * as z from 'zod';
import { listAddresses } from '../linux/links.js';
import { GROUPS } from '../linux/routes.js';
import { nodeName } from '../scenario/units.js';
import { NetlinkSensor } from './netlink-sensor.js';
import { EVENT_RESOLUTION, type WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  address: z
    .string()
    .refine((text) => isIP(text) !== 0, 'expected an IP address')
    .meta({ description: 'address, as a virtual one that moves between gateways' }),
  state: z.enum(['held', 'gone']).default('held').meta({ description: 'state that counts as the signal' }),
};

/** A node takes an address or gives it up, from rtnetlink events. */
export const address: WatchKind<typeof parameters> = {
  name: 'address',
  description: 'a node took an address (the virtual one of VRRP) on one of its interfaces, or gave it up',
  parameters,
  phase: 'decide',
  isTimedBy: ({ address, state }, { addresses = [] }) => state === 'held' && addresses.includes(address),
  resolution: () => EVENT_RESOLUTION,
  sense: ({ address: wanted, state }, { network }) =>
    new NetlinkSensor({
      network,
      groups: GROUPS.addresses,
      look(netlink) {
        const isHeld = listAddresses(netlink).some(({ address }) => address === wanted);
        return {
          active: isHeld === (state === 'held'),
          detail: `${wanted} ${isHeld ? 'is held' : 'is gone'}`,
        };
      },
    }),
};
