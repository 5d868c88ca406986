import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { manifestSchema } from '../shards/manifest.js';

/** Version of this structure. */
const ORDER_VERSION = 1;

const orderSchema = z.strictObject({
  version: z.literal(ORDER_VERSION),
  /** Version of faildrill that wrote it: the image's must be the same. */
  faildrill: z.string(),
  /** Folder that the command is given in, from the root of the files that travel. */
  folder: z.string(),
  /** Arguments of faildrill. */
  argv: z.array(z.string()).min(1),
  /** How many shards the drills are split into; nothing where they are not. */
  shards: z.int().positive().optional(),
  /** What a merge left in `durations.json`, where the shards are balanced by that. */
  durations: z.string().optional(),
  /** Which shard runs which drill; nothing where they are not split. */
  plan: manifestSchema.shape.plan,
});

/** What pods are asked to do. */
export type Order = z.output<typeof orderSchema>;

/** Name of the file that holds it. */
export const ORDER = 'order.json.gz';

/** An order as the content of a file. */
export const orderBytes = (order: Omit<Order, 'version'>): Buffer =>
  gzipSync(JSON.stringify({ version: ORDER_VERSION, ...order }));

/**
 * Reads an order.
 * @returns the order, or what is wrong with it
 */
export function readOrder(bytes: Uint8Array, own: { faildrill: string }): Order | string {
  try {
    const value = JSON.parse(gunzipSync(bytes).toString('utf8')) as { faildrill?: unknown };
    if (value.faildrill !== own.faildrill)
      return `it is one of faildrill ${String(value.faildrill)}, and this is ${own.faildrill}: use the same version on both sides`;
    return orderSchema.parse(value);
  } catch {
    return 'it is damaged, or none of faildrill';
  }
}
