import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readDocument } from '../document/document.js';
import { InvalidInput } from '../document/problem.js';
import { ensureFolder } from '../folders.js';
import { CannotRun } from '../runtime/errors.js';

/** Version of this structure. */
const MANIFEST_VERSION = 1;

export const manifestSchema = z.strictObject({
  version: z.literal(MANIFEST_VERSION),
  /** Version of faildrill that ran it. */
  faildrill: z.string(),
  /** Which run of the CI system it belongs to, where there is one. */
  run: z.string().optional(),
  /** From 1. */
  shard: z.int().positive(),
  of: z.int().positive(),
  /** The drills of all shards, so that those of a missing one have names. */
  plan: z.array(
    z.strictObject({
      file: z.string(),
      name: z.string(),
      /** Of the scenario's text. */
      sha256: z.string(),
      shard: z.int().positive(),
    }),
  ),
  /** What came to an end, in this order. */
  drills: z.array(
    z.strictObject({
      file: z.string(),
      /** Exit code that it means. */
      code: z.int(),
      /** Its folder, beside this file; nothing where it could not be run. */
      folder: z
        .string()
        .regex(/^(?!\.\.?$)[^/]+$/, 'expected the name of a folder')
        .optional(),
      /** Why it could not be run. */
      problem: z.string().optional(),
    }),
  ),
});

/** What a shard was asked to run, and what it ran. */
export type Manifest = z.output<typeof manifestSchema>;

/** A drill that a shard ran. */
export type ShardDrill = Manifest['drills'][number];

/** Names of files that hold one. */
export const MANIFEST = /^shard-\d+-of-\d+\.json$/;

const fileOf = ({ shard, of }: Pick<Manifest, 'shard' | 'of'>): string => `shard-${shard}-of-${of}.json`;

/** Writes down how far a shard is, at once: a reader sees the old state or the new one. @throws CannotRun */
export function writeManifest(folder: string, manifest: Omit<Manifest, 'version'>): void {
  const file = join(folder, fileOf(manifest));
  try {
    ensureFolder(folder);
    writeFileSync(`${file}.new`, `${JSON.stringify({ version: MANIFEST_VERSION, ...manifest }, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CannotRun(`cannot write ${file} (${code})`, {
      hint: 'name another folder with --out',
      cause: error,
    });
  }
}

/** Reads what a shard left. @throws InvalidInput for what is damaged, or of another version */
export function readManifest(file: string): Manifest {
  const manifest = wellFormed(file);
  if (manifest) return manifest;
  const document = readDocument(file);
  const { version } = (document.value ?? {}) as { version?: unknown };
  if (typeof version === 'number' && version !== MANIFEST_VERSION) {
    const message = `left by ${version > MANIFEST_VERSION ? 'a newer' : 'an older'} version of faildrill (shard format ${version}, this one reads ${MANIFEST_VERSION}): merge with the version that ran the shards`;
    throw new InvalidInput([document.problem(['version'], message)]);
  }
  return document.check(manifestSchema);
}

/** Most are as they were written. Finding where something is wrong in one takes a hundred times as long as reading it, and with a thousand shards that counts. */
function wellFormed(file: string): Manifest | undefined {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
