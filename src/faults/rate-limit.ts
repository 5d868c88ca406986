import { impairment } from '../netem/impairment.js';
import { rate } from '../scenario/units.js';
import { impairing } from './impairing.js';

/** How long a buffer of full packets takes to empty, seconds: a policed line's, not a bloated one's. */
const BUFFER = 0.05;

/** Bytes of a full packet on Ethernet. */
const FULL = 1514;

/** A link carries no more than a bit rate, with a short buffer. */
export const rateLimit = impairing({
  name: 'rate-limit',
  description: 'a link carries no more than a bit rate; its buffer holds 50 ms of full packets, ten at least',
  parameters: { rate: rate.meta({ description: 'bit rate: 10mbit, 512kbit' }) },
  impairments: ({ rate }) => {
    const limit = Math.min(30_000, Math.max(10, Math.round((rate * BUFFER) / (8 * FULL))));
    return [{ ...impairment({}), rate, limit }];
  },
});
