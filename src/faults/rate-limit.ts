import { impairment } from '../netem/impairment.js';
import { rate } from '../netem/units.js';
import { impairing } from './impairing.js';

/** How long a packet may wait at a limited rate, seconds: a line card's buffer, no more. */
const BUFFER = 0.05;

/** A link carries no more than a bit rate, with a buffer as short as a good line card's. */
export const rateLimit = impairing({
  name: 'rate-limit',
  description: 'a link carries no more than a bit rate; what waits longer than 50 ms is lost',
  parameters: { rate: rate.meta({ description: 'bit rate: 10mbit, 512kbit' }) },
  impairment: ({ rate }) => limited(rate, BUFFER),
});

/** Bytes of a full packet on Ethernet, by which buffers are counted. */
const FULL = 1514;

/** A bit rate with a buffer for so many seconds of full packets, but for ten at least. */
export function limited(bits: number, seconds: number) {
  const packets = Math.round((bits * seconds) / (8 * FULL));
  return { ...impairment({}), rate: bits, limit: Math.min(30_000, Math.max(10, packets)) };
}
