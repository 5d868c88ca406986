import * as z from 'zod';
import { positiveDuration, rate } from '../scenario/units.js';
import { endsShape } from './ends.js';

export const iperf3Parameters = {
  ...endsShape({ from: 'that the client runs in', to: 'that the server runs in', address: 'connect to' }),
  protocol: z.enum(['tcp', 'udp']).default('tcp').meta({ description: 'what carries the data' }),
  flows: z.int().min(1).max(32).default(1).meta({ description: 'number of parallel streams, each way' }),
  rate: rate.prefault('10mbit').meta({ description: 'most that each stream sends, bits of data a second' }),
  direction: z
    .enum(['there', 'back', 'both'])
    .default('there')
    .meta({ description: 'which way the data go; `back` and `both` are --reverse and --bidir' }),
  timeout: positiveDuration.prefault('10s').meta({
    description:
      'how long data of TCP may wait for an acknowledgement; then the test is over, and another one begins',
  }),
};

/** Parameters of an iperf3 probe as read. */
export type Iperf3Parameters = z.output<z.ZodObject<typeof iperf3Parameters>>;
