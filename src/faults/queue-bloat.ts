import * as z from 'zod';
import { impairment } from '../netem/impairment.js';
import { rate } from '../scenario/units.js';
import { impairing } from './impairing.js';

/** A link carries no more than a bit rate, behind a buffer that is far too large. */
export const queueBloat = impairing({
  name: 'queue-bloat',
  description:
    'a link carries no more than a bit rate, behind a buffer that is far too large: delay grows before anything is lost',
  parameters: {
    rate: rate.meta({ description: 'bit rate: 10mbit, 512kbit' }),
    packets: z.int().min(1).max(30_000).default(1000).meta({
      description: 'packets that the buffer holds; 1000 is what Linux gives an interface',
    }),
  },
  impairments: ({ rate, packets }) => [{ ...impairment({}), rate, limit: packets }],
});
