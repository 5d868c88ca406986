import * as z from 'zod';
import { positiveDuration } from '../scenario/units.js';
import { endsShape } from './ends.js';
import type { ProbeKind, ProbeSetup } from './probe.js';
import { UdpInstrument } from './udp.js';

/** Bytes of a packet of 20 ms: RTP's header and the sound. */
const sizes = { g711: 12 + 160, g729: 12 + 20 } as const;

const parameters = {
  ...endsShape({ from: 'that sends', to: 'that receives', address: 'send to' }),
  calls: z.int().min(1).max(200).default(1).meta({ description: 'number of calls, each both ways' }),
  codec: z
    .enum(Object.keys(sizes) as (keyof typeof sizes)[])
    .default('g711')
    .meta({ description: 'codec, with packets of 20 ms and concealment of lost ones' }),
  'jitter-buffer': positiveDuration.prefault('60ms').meta({
    description: 'how long the fastest packet waits to be played; what comes later than that is lost',
  }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

const INTERVAL = 20e6;

/** DSCP of voice (RFC 3246, expedited forwarding). */
const EXPEDITED = 46;

const asUdp = ({ parameters, ...setup }: ProbeSetup<Parameters>) => ({
  ...setup,
  parameters: {
    from: parameters.from,
    to: parameters.to,
    address: parameters.address,
    flows: parameters.calls,
    interval: INTERVAL,
    'both-ways': true,
    size: sizes[parameters.codec],
    dscp: EXPEDITED,
  },
});

/** Calls: packets as a telephone sends them, both ways, judged as a listener would. */
export const voip: ProbeKind<typeof parameters> = {
  name: 'voip',
  description: 'telephone calls: packets of 20 ms both ways, with the DSCP of voice, judged by the E-model',
  parameters,
  families: ['packets', 'one-way', 'marked', 'voice'],
  interval: () => INTERVAL,
  streams: ({ calls }) => ({ flows: calls, ways: ['there', 'back'] }),
  open: (setup, context) => new UdpInstrument(asUdp(setup), context),
};
