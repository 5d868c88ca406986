import { rate } from '../netem/units.js';
import { duration } from '../scenario/units.js';
import { impairing } from './impairing.js';
import { limited } from './rate-limit.js';

/** A link carries no more than a bit rate, behind a buffer that is far too large. */
export const queueBloat = impairing({
  name: 'queue-bloat',
  description:
    'a link carries no more than a bit rate, behind a buffer that is far too large: delay grows before anything is lost',
  parameters: {
    rate: rate.meta({ description: 'bit rate: 10mbit, 512kbit' }),
    buffer: duration.prefault('2s').meta({ description: 'how long a full buffer takes to empty' }),
  },
  impairment: ({ rate, buffer }) => limited(rate, buffer / 1e9),
});
