import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import * as z from 'zod';
import { pathInRoot } from '../linux/in-root.js';
import { absolutePath } from '../scenario/units.js';
import type { ProbeStart } from './probe.js';

/** What a probe that checks certificates takes. */
export const tlsShape = {
  name: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "the service's name, that its certificate must be for; without it, its address" }),
  ca: absolutePath
    .optional()
    .meta({ description: 'file in `from` with the certificates to trust; without it, those of Node.js' }),
  verify: z.boolean().default(true).meta({ description: 'whether the certificate must be valid' }),
};

/** How to check the certificate of a service. */
export const tlsOptions = (
  { name, ca, verify }: z.output<z.ZodObject<typeof tlsShape>>,
  { files }: ProbeStart,
): ConnectionOptions => ({
  rejectUnauthorized: verify,
  ...(name !== undefined && { servername: name }),
  ...(ca !== undefined && { ca: readFileSync(pathInRoot(files, ca)) }),
});
