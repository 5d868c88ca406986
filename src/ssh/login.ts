import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import * as z from 'zod';
import { nodeName, positiveDuration, regularExpression } from '../scenario/units.js';

/** What everything takes that gives commands to a gateway over SSH. */
export const loginShape = {
  node: nodeName.meta({ description: 'gateway that the commands are given to' }),
  from: nodeName.meta({ description: 'Linux node whose network the connection goes out from' }),
  address: z
    .string()
    .refine((text) => isIP(text) !== 0, 'expected an IP address')
    .meta({ description: 'address of the gateway, as `from` reaches it' }),
  port: z.int().min(1).max(65_535).default(22).meta({ description: 'port of its SSH server' }),
  user: z.string().min(1).meta({ description: 'who logs in; must not be asked for more, as by `enable`' }),
  'password-from': z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable')
    .optional()
    .meta({
      description:
        'environment variable of faildrill that holds the password, or with `key-file` the passphrase of that',
    }),
  'key-file': z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'file with a private key on the machine that drills, from the working directory' }),
  'host-key': z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'expected a fingerprint as ssh-keygen -l prints it, SHA256:…')
    .optional()
    .meta({
      description:
        "fingerprint of the gateway's key; without it, any key is taken, and whoever answers at the address gets the password",
    }),
  setup: z.array(z.string().min(1)).default([]).meta({
    description: 'commands after the login, as the one that turns the pager off: [terminal length 0]',
  }),
  prompt: regularExpression.optional().meta({
    description:
      'regular expression for the last line while a command can be typed; without it, the prompts of common vendors, which end in >, #, $ or %',
  }),
  'fails-on': regularExpression.optional().meta({
    description:
      'regular expression for what the gateway prints when it refuses a command, ^ and $ at any line; without it, the words of common vendors',
  }),
  timeout: positiveDuration
    .prefault('10s')
    .meta({ description: 'longest that the login, or one command, may take' }),
};
export type Login = z.output<z.ZodObject<typeof loginShape>>;

/** What is wrong with a login as a scenario has it: which key, and why. */
export function wrongLogin(login: Login): { key: string; message: string } | undefined {
  if (login['password-from'] !== undefined || login['key-file'] !== undefined) return undefined;
  return { key: 'user', message: 'how it logs in is missing: "password-from" or "key-file"' };
}

/** What a login is proved with, as ssh2 takes it. Never written down anywhere. */
export interface Secrets {
  password?: string;
  privateKey?: Buffer;
  passphrase?: string;
}

/**
 * Reads the secrets of a login from where it says they are.
 * @throws Error where they are not there
 */
export function secretsOf({ 'password-from': variable, 'key-file': file }: Login): Secrets {
  const secret = variable === undefined ? undefined : process.env[variable];
  if (variable !== undefined && secret === undefined)
    throw new Error(`the environment has no ${variable}, which "password-from" names`);
  if (file === undefined) return { password: secret! };
  try {
    return { privateKey: readFileSync(file), ...(secret !== undefined && { passphrase: secret }) };
  } catch (error) {
    throw new Error(`cannot read the key ${file}: ${(error as NodeJS.ErrnoException).code}`, {
      cause: error,
    });
  }
}

/** The fingerprint of a host key, as OpenSSH writes it. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
