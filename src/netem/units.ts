import * as z from 'zod';

const PERCENTAGE = /^(\d+(?:\.\d+)?)\s*%$/;

const EXPECTED_PERCENTAGE = 'expected a percentage from 0% to 100%, as 5%';

/** A percentage in a scenario; a share from 0 to 1 once read. */
export const percentage = z
  .string({ error: EXPECTED_PERCENTAGE })
  .regex(PERCENTAGE, EXPECTED_PERCENTAGE)
  .transform((text) => Number.parseFloat(text) / 100)
  .refine((share) => share <= 1, { error: EXPECTED_PERCENTAGE });
