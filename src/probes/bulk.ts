import * as z from 'zod';
import { positiveDuration, rate } from '../scenario/units.js';
import { endsShape } from './ends.js';
import type { ProbeKind, Way } from './probe.js';

const parameters = {
  ...endsShape({ from: 'that connects and sends', to: 'that receives', address: 'connect to' }),
  flows: z
    .int()
    .min(1)
    .max(32)
    .default(1)
    .meta({ description: 'number of flows, each a connection of its own' }),
  rate: rate.prefault('10mbit').meta({
    description:
      'most that each flow sends, bits of data a second; without a limit it would take a processor from the lab',
  }),
  'both-ways': z.boolean().default(false).meta({
    description: 'as many flows from `to` to `from` as well, on connections of their own that `from` makes',
  }),
  timeout: positiveDuration
    .refine((nanoseconds) => nanoseconds >= 100e6, 'expected a timeout of at least 100ms')
    .prefault('10s')
    .meta({
      description:
        'how long a connection may wait for an acknowledgement (TCP user timeout), or its receiver for data; then a new one is made',
    }),
};

/** Parameters of a bulk transfer as read. */
export type BulkParameters = z.output<z.ZodObject<typeof parameters>>;

/** Bytes of data in a full segment on Ethernet. */
const SEGMENT = 1448;

/** The ways that it sends. */
export const waysOf = (parameters: Pick<BulkParameters, 'both-ways'>): readonly Way[] =>
  parameters['both-ways'] ? ['there', 'back'] : ['there'];

/** Bulk transfers by TCP for the whole drill: what arrives, and what its senders had to do for it. */
export const bulk: ProbeKind<typeof parameters> = {
  name: 'bulk',
  description:
    'bulk transfers by TCP that go on for the whole drill, one way or both, each made anew when its connection dies',
  parameters,
  families: ['goodput', 'tcp-senders'],
  thread: 'probes/bulk-worker',
  interval: ({ rate }) => Math.max(1, Math.round((SEGMENT * 8e9) / rate)),
  streams: (parameters) => ({ flows: parameters.flows, ways: waysOf(parameters) }),
};
