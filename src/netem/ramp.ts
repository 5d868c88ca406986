import * as z from 'zod';
import { duration, positiveDuration, rate } from '../scenario/units.js';
import type { Impairment } from './impairment.js';
import { percentage } from './units.js';

/** How an impairment comes about little by little. */
export const rampSchema = z.strictObject({
  over: positiveDuration.meta({ description: 'how long it takes' }),
  steps: z
    .int()
    .min(2)
    .max(1000)
    .default(10)
    .meta({ description: 'number of changes, the last one to the full impairment' }),
  from: z
    .strictObject({ delay: duration.prefault('0ms'), loss: percentage.prefault('0%'), rate: rate.optional() })
    .prefault({})
    .meta({ description: 'where it starts; without it nothing is delayed or lost. A rate needs one' }),
});

export type Ramp = z.output<typeof rampSchema>;

/** What cannot be gone through step by step. */
export function wrongRamp(ramp: Ramp, { loss, rate }: Impairment): string | undefined {
  if (loss && !('percent' in loss)) return 'a ramp goes through percentages of loss, not through a model';
  if (rate !== undefined && ramp.from.rate === undefined)
    return 'a ramp of a rate needs the rate that it starts from';
  return undefined;
}

/** An impairment that has come a share of its way, from 0 to 1. Jitter and the other chances come with it. */
export function onTheWay({ from }: Ramp, it: Impairment, share: number): Impairment {
  const between = (start: number, end: number) => start + (end - start) * share;
  const chance = <C extends { percent: number }>(of: C, start = 0): C => ({
    ...of,
    percent: between(start, of.percent),
  });
  const { loss, duplicate, corrupt, reorder, rate } = it;
  return {
    ...it,
    delay: Math.round(between(from.delay, it.delay)),
    jitter: Math.round(between(0, it.jitter)),
    ...(loss && 'percent' in loss && { loss: chance(loss, from.loss) }),
    ...(duplicate && { duplicate: chance(duplicate) }),
    ...(corrupt && { corrupt: chance(corrupt) }),
    ...(reorder && { reorder: chance(reorder) }),
    ...(rate !== undefined && { rate: Math.round(between(from.rate!, rate)) }),
  };
}
