import * as z from 'zod';

const PERCENTAGE = /^(\d+(?:\.\d+)?)\s*%$/;
const RATE = /^(\d+(?:\.\d+)?)\s*(bit|kbit|mbit|gbit)(?:\/s)?$/i;
const RATES: Record<string, number> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

const EXPECTED_PERCENTAGE = 'expected a percentage from 0% to 100%, as 5%';
const EXPECTED_RATE = 'expected a bit rate with a unit, as 10mbit or 512kbit';

/** A percentage in a scenario; a share from 0 to 1 once read. */
export const percentage = z
  .string({ error: EXPECTED_PERCENTAGE })
  .regex(PERCENTAGE, EXPECTED_PERCENTAGE)
  .transform((text) => Number.parseFloat(text) / 100)
  .refine((share) => share <= 1, { error: EXPECTED_PERCENTAGE });

/** A bit rate in a scenario; bits a second once read. */
export const rate = z
  .string({ error: EXPECTED_RATE })
  .regex(RATE, EXPECTED_RATE)
  .transform((text) => {
    const [, number = '', unit = ''] = RATE.exec(text)!;
    return Math.round(Number(number) * RATES[unit.toLowerCase()]!);
  })
  .refine((bits) => bits > 0, { error: EXPECTED_RATE });
