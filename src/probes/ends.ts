import * as z from 'zod';
import { nodeName } from '../scenario/units.js';

/** The keys of a probe that say where it goes. */
export const endsShape = (words: {
  /** What the node at either end does. */
  from: string;
  to: string;
  /** What the probe does with the address. */
  address: string;
}) => ({
  from: nodeName.meta({ description: `node ${words.from}` }),
  to: nodeName.meta({ description: `node ${words.to}` }),
  address: z
    .string()
    .optional()
    .meta({ description: `address to ${words.address}, where \`to\` has several; else its only one` }),
});
