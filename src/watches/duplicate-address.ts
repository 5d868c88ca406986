import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { insideNetwork } from '../linux/namespaces.js';
import { Solicitation } from '../linux/solicitation.js';
import { nodeName, positiveDuration } from '../scenario/units.js';
import type { WatchKind } from './watch.js';

/** How long stations have to answer, milliseconds. */
const ANSWER = 100;

const parameters = {
  node: nodeName,
  interface: z.string().min(1).meta({ description: 'interface to ask through' }),
  address: z
    .string()
    .refine((text) => isIP(text) !== 0, 'expected an IP address')
    .meta({ description: 'address that one station at most should hold, as the virtual one of a pair' }),
  interval: positiveDuration
    .prefault('200ms')
    .meta({ description: 'time from one question to the next: the error of this watch' }),
};

/** Two stations hold one address, by their own words on the wire (split brain). Polled: its interval is its error. */
export const duplicateAddress: WatchKind<typeof parameters> = {
  name: 'duplicate-address',
  description:
    'two stations or more answer for one address: asked by ARP or neighbour solicitation from a node that does not hold it (polled)',
  parameters,
  resolution: ({ interval }) => interval,
  async look({ interface: device, address }, { network }) {
    if (network === undefined) return { active: false, detail: 'the node has no power' };
    using solicitation = insideNetwork(network, () => new Solicitation(device, address));
    await sleep(ANSWER);
    const holders = solicitation.answers().sort();
    return {
      active: holders.length > 1,
      detail: `${address} is held by ${holders.join(' and ') || 'nobody'}`,
    };
  },
};
