import * as z from 'zod';
import { positiveDuration, rate } from '../scenario/units.js';
import { endsShape } from './ends.js';
import type { ProbeKind, ProbeSetup } from './probe.js';
import { UdpInstrument } from './udp.js';

const INTERVAL = 20e6;

/** Bytes of RTP's header (RFC 3550 5.1). */
const RTP = 12;

/** Bits a second of each codec; Opus has any, and unless set what RFC 7587 3.1.1 recommends for speech with all its frequencies. */
const bitrates = { g711: 64e3, g729: 8e3, opus: 32e3 } as const;

/** What an encoder of Opus can be asked for, bits a second (RFC 6716 2.1.1). */
const OPUS = { least: 6e3, most: 510e3 };

const parameters = {
  ...endsShape({ from: 'that sends', to: 'that receives', address: 'send to' }),
  calls: z.int().min(1).max(200).default(1).meta({ description: 'number of calls, each both ways' }),
  codec: z
    .enum(Object.keys(bitrates) as (keyof typeof bitrates)[])
    .default('g711')
    .meta({ description: 'codec, with packets of 20 ms; there is no `mos` of Opus' }),
  bitrate: rate
    .optional()
    .meta({ description: 'of Opus: its constant bit rate, from 6kbit to 510kbit; 32kbit unless set' }),
  'jitter-buffer': positiveDuration.prefault('60ms').meta({
    description: 'how long the fastest packet waits to be played; what comes later than that is lost',
  }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

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
    size: RTP + Math.round(((parameters.bitrate ?? bitrates[parameters.codec]) * INTERVAL) / 8e9),
    dscp: EXPEDITED,
  },
});

/** Calls: packets as a telephone sends them, both ways, judged as a listener would. */
export const voip: ProbeKind<typeof parameters> = {
  name: 'voip',
  description: 'telephone calls: packets of 20 ms both ways, with the DSCP of voice, judged by the E-model',
  parameters,
  families: ['packets', 'one-way', 'marked', 'voice'],
  check({ codec, bitrate }) {
    if (bitrate === undefined) return undefined;
    if (codec !== 'opus') return { key: 'bitrate', message: `${codec} has one bit rate only` };
    const isPossible = bitrate >= OPUS.least && bitrate <= OPUS.most;
    return isPossible ? undefined : { key: 'bitrate', message: 'Opus has 6kbit to 510kbit' };
  },
  interval: () => INTERVAL,
  streams: ({ calls }) => ({ flows: calls, ways: ['there', 'back'] }),
  open: (setup, context) => new UdpInstrument(asUdp(setup), context),
};
