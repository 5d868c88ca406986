import * as z from 'zod';
import { impairment } from '../netem/impairment.js';
import { profiles } from '../netem/profiles.js';
import { nodeName } from '../scenario/units.js';
import { impairing } from './impairing.js';

/** A link gets as bad as some kind of line. */
export const brownout = impairing({
  name: 'brownout',
  description:
    'a link gets as bad as a kind of line: delay, jitter, loss and rate by the name of a profile (docs/profiles.md)',
  parameters: {
    profile: z.enum(Object.keys(profiles) as (keyof typeof profiles)[]).meta({
      description: Object.values(profiles)
        .map(({ name, description }) => `${name}: ${description}`)
        .join('; '),
    }),
    customer: nodeName.meta({
      description: 'the end of the link that is the customer: what it sends goes up, what it gets comes down',
      reference: 'node',
    }),
  },
  // With the rate in the same netem each packet would wait for the one before it that had more jitter.
  impairments({ profile, customer }, sender) {
    const { rate, ...line } = profiles[profile][sender === customer ? 'up' : 'down'];
    return [{ ...impairment({}), rate }, line];
  },
  end: 'customer',
});
