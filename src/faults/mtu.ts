import * as z from 'zod';
import { impairment } from '../netem/impairment.js';
import { impairing } from './impairing.js';

/** Big packets vanish and nobody says so: a black hole for path MTU discovery. */
export const mtu = impairing({
  name: 'mtu',
  description:
    'packets longer than an MTU vanish without an ICMP message: a black hole for path MTU discovery',
  parameters: {
    mtu: z
      .int()
      .min(68)
      .max(65_535)
      .meta({ description: 'bytes of the longest packet that passes, IP header included' }),
  },
  impairments: () => [impairment({ loss: '100%' })],
  matches: ({ mtu }) => [{ 'longer-than': mtu }],
});
