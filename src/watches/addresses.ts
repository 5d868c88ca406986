import { isIP } from 'node:net';
import * as z from 'zod';
import { addressBytes, addressText } from '../linux/links.js';

/** An IP address, in its usual spelling once read. */
export const ipAddress = z
  .string()
  .refine((text) => isIP(text) !== 0, { error: 'expected an IP address', abort: true })
  .transform((text) => addressText(addressBytes(text)));
