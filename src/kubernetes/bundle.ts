import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create, extract } from 'tar';
import { InvalidInput } from '../document/problem.js';

/** Bytes in each part: a ConfigMap takes 1 MiB of data, an etcd request 1.5 MiB in all. */
export const PART_BYTES = 768 * 1024;

/** Most bytes that the files of a run may come to, packed. */
export const MOST_BYTES = 16 * 1024 * 1024;

/** The folder that all paths are in. */
export function commonFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split(sep));
  const end = first.findIndex((name, depth) => others.some((other) => other[depth] !== name));
  return first.slice(0, end === -1 ? first.length : end).join(sep) || sep;
}

/**
 * Packs files and folders as a gzipped tar archive, with links followed and without times and owners: the same files make the same bytes.
 * @param files absolute paths
 * @param root folder that names in the archive are relative to
 */
export async function packed(files: readonly string[], root: string): Promise<Buffer> {
  const names = files.map((file) => relative(root, file));
  return create(
    { cwd: root, gzip: { level: 9 }, portable: true, noMtime: true, follow: true },
    names,
  ).concat();
}

/** Unpacks such an archive into a folder, which is made where there is none. Rejects where the archive is damaged. */
export async function unpacked(archive: Buffer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await pipeline(Readable.from([archive]), extract({ cwd: folder, strict: true }));
}

/** Cuts an archive into parts that a ConfigMap can hold. @throws InvalidInput where it is larger than a run may be */
export function parts(archive: Buffer, { files }: { files: readonly string[] }): Buffer[] {
  if (archive.length > MOST_BYTES) {
    const message = `scenarios and labs come to ${mebibytes(archive.length)} packed, and a run takes at most ${mebibytes(MOST_BYTES)}: put what is large into the image, and bind it by its absolute path there`;
    throw new InvalidInput([{ file: largest(files), line: 1, column: 1, message }]);
  }
  return Array.from({ length: Math.ceil(archive.length / PART_BYTES) }, (_, index) =>
    archive.subarray(index * PART_BYTES, (index + 1) * PART_BYTES),
  );
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

/** Of files the largest, of folders none: where to look first. */
function largest(files: readonly string[]): string {
  const bySize = files
    .map((file) => ({ file, stat: statSync(file) }))
    .sort((one, other) => other.stat.size - one.stat.size);
  return (bySize.find(({ stat }) => stat.isFile()) ?? bySize[0]!).file;
}

/** Name of a part, in the order of the parts. */
export const partName = (index: number): string => `part-${String(index).padStart(3, '0')}`;

/** Names of parts. */
export const PART = /^part-\d{3}$/;

/** Packs what is in a folder. */
export const packedFolder = (folder: string, file: string): Promise<void> =>
  create({ cwd: folder, file, gzip: true, portable: true }, ['.']);

/** The folder of a file, from another folder, with slashes. */
export const fromRoot = (root: string, folder: string): string =>
  relative(root, folder).split(sep).join('/') || '.';
