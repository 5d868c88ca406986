import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { insideNetwork } from '../linux/namespaces.js';
import { Solicitation } from '../linux/solicitation.js';
import { nodeName, positiveDuration } from '../scenario/units.js';
import type { WatchKind } from './watch.js';

/** How long stations have to answer, milliseconds. */
const ANSWER = 100;

/** Time between two looks for answers, milliseconds. */
const PAUSE = 10;

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
    if (network === undefined) throw new Error('the node has no power');
    const ask = async (enough: number) => {
      using solicitation = insideNetwork(network, () => new Solicitation(device, address));
      for (let waited = 0; ; waited += PAUSE) {
        const holders = solicitation.answers().sort();
        if (holders.length >= enough || waited >= ANSWER) return holders;
        await sleep(PAUSE);
      }
    };
    const first = await ask(Number.POSITIVE_INFINITY);
    // An address that moves just then is held by two, one after the other: only those count who still hold it when asked once more.
    const holders = first.length > 1 ? await ask(2) : first;
    return {
      active: holders.length > 1,
      detail: `${address} is held by ${holders.join(' and ') || 'nobody'}`,
    };
  },
};
