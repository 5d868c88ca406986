import * as z from 'zod';
import { duration, positiveDuration, rate } from '../scenario/units.js';
import { percentage } from './units.js';

const correlation = percentage.meta({
  description: 'how much each draw depends on the one before, as of tc-netem',
});

/** A chance, alone or with its correlation. */
const chance = (description: string) =>
  z
    .union([
      percentage.transform((percent) => ({ percent, correlation: 0 })),
      z.strictObject({ percent: percentage, correlation: correlation.prefault('0%') }),
    ])
    .optional()
    .meta({ description });

const lossModels = {
  gemodel: z
    .strictObject({
      p: percentage.meta({ description: 'from the good state to the bad one' }),
      r: percentage.optional().meta({ description: 'from the bad state to the good one; 1-p without' }),
      '1-h': percentage.prefault('100%').meta({ description: 'loss in the bad state' }),
      '1-k': percentage.prefault('0%').meta({ description: 'loss in the good state' }),
    })
    .meta({ description: 'Gilbert-Elliott: a good and a bad state, each with its loss' }),
  state: z
    .strictObject({
      p13: percentage.meta({ description: 'from the gap into a burst' }),
      p31: percentage.optional().meta({ description: 'from a burst back into the gap; 1-p13 without' }),
      p32: percentage.prefault('0%').meta({ description: 'from loss to success within a burst' }),
      p23: percentage.prefault('100%').meta({ description: 'from success to loss within a burst' }),
      p14: percentage.prefault('0%').meta({ description: 'a single loss within the gap' }),
    })
    .meta({ description: 'four-state Markov model' }),
};

const loss = z
  .union([
    percentage.transform((percent) => ({ percent, correlation: 0 })),
    z.strictObject({ percent: percentage, correlation: correlation.prefault('0%') }),
    z.strictObject({ gemodel: lossModels.gemodel }),
    z.strictObject({ state: lossModels.state }),
  ])
  .optional()
  .meta({ description: 'packets that vanish: 5%, { percent, correlation }, { gemodel } or { state }' });

/** The names of the distributions of jitter, and of their tables in iproute2. */
export const distributions = ['uniform', 'normal', 'pareto', 'paretonormal'] as const;

/** What can be wrong with packets on their way, with tc-netem(8)'s words and meaning. */
export const impairmentShape = {
  delay: duration.prefault('0ms').meta({ description: 'added to each packet' }),
  jitter: duration.prefault('0ms').meta({ description: 'how much the delay varies' }),
  'delay-correlation': correlation.prefault('0%'),
  distribution: z
    .enum(distributions)
    .default('uniform')
    .meta({ description: 'how the jitter is distributed; the tables are those of iproute2' }),
  loss,
  duplicate: chance('packets that come twice'),
  corrupt: chance('packets of which one random bit is flipped'),
  reorder: chance('packets that are sent at once, before those that wait'),
  gap: z
    .int()
    .min(1)
    .optional()
    .meta({ description: 'only every so manieth packet can be sent at once; needs reorder' }),
  rate: rate.optional().meta({ description: 'bit rate: 10mbit, 512kbit' }),
  'packet-overhead': z.int().default(0).meta({ description: 'bytes added to each packet for the rate' }),
  'cell-size': z.int().min(0).default(0).meta({ description: 'bytes of a cell (ATM), for the rate' }),
  'cell-overhead': z.int().default(0).meta({ description: 'bytes added to each cell, for the rate' }),
  slot: z
    .strictObject({
      min: positiveDuration,
      max: positiveDuration.optional(),
      packets: z.int().min(1).optional(),
      bytes: z.int().min(1).optional(),
    })
    .optional()
    .meta({ description: 'packets are sent in bursts, one each min to max, of so many packets or bytes' }),
  limit: z.int().min(1).max(30_000).default(10_000).meta({
    description: "packets that may wait; more are lost (1000 is tc's own default: 200 ms of 5000 packets/s)",
  }),
};

/** An impairment as read: durations in nanoseconds, chances from 0 to 1, the rate in bits a second. */
export type Impairment = z.output<z.ZodObject<typeof impairmentShape>>;

const schema = z.object(impairmentShape);

/** An impairment of which only some parameters are said, in the words of a scenario. */
export const impairment = (said: z.input<typeof schema>): Impairment => schema.parse(said);

/** What contradicts itself in an impairment: which key, and why. */
export function contradiction(it: Impairment): { key: string; message: string } | undefined {
  const { delay, jitter, loss, duplicate, corrupt, reorder, gap, rate, slot } = it;
  const wrong = (key: string, message: string) => ({ key, message });
  if (reorder && delay === 0) return wrong('reorder', '"reorder" needs "delay": without it nothing waits');
  if (gap !== undefined && !reorder) return wrong('gap', '"gap" needs "reorder"');
  if (it['delay-correlation'] > 0 && jitter === 0)
    return wrong('delay-correlation', '"delay-correlation" needs "jitter"');
  if (it.distribution !== 'uniform' && jitter === 0)
    return wrong('distribution', '"distribution" needs "jitter"');
  for (const key of ['packet-overhead', 'cell-size', 'cell-overhead'] as const)
    if (it[key] !== 0 && rate === undefined) return wrong(key, `"${key}" needs "rate"`);
  if (it['cell-overhead'] !== 0 && it['cell-size'] === 0)
    return wrong('cell-overhead', '"cell-overhead" needs "cell-size"');
  if (slot?.max !== undefined && slot.max < slot.min)
    return wrong('slot', '"max" of a slot is shorter than its "min"');
  const isNothing =
    delay === 0 && jitter === 0 && !loss && !duplicate && !corrupt && rate === undefined && !slot;
  return isNothing ? wrong('inject', 'expected something to impair: delay, loss, rate, ...') : undefined;
}

/** Whether packets are only lost: then no relay is needed, the kernel does it by itself. */
export const isPureLoss = (it: Impairment): boolean => it.delay === 0 && isWithoutChance(it);

/** Whether all packets are delayed alike and nothing else: then those of one burst can stay together. */
export const isConstantDelay = (it: Impairment): boolean => !it.loss && isWithoutChance(it);

const isWithoutChance = ({ jitter, duplicate, corrupt, reorder, rate, slot }: Impairment): boolean =>
  jitter === 0 && !duplicate && !corrupt && !reorder && rate === undefined && !slot;
