import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** A layer of an image: a compressed tar of files. Digests are as OCI writes them: `sha256:…`. */
export interface Layer {
  /** Where it is on this machine. */
  file: string;
  /** Of the file. */
  digest: string;
  /** Of the tar in it. */
  diffId: string;
  /** Bytes of the file. */
  size: number;
}

/** Compresses a tar into a file; beside it `.json` remembers its digests. */
export async function writeLayer(tar: Readable, file: string): Promise<Layer> {
  const [inner, outer] = [createHash('sha256'), createHash('sha256')];
  let size = 0;
  const partial = `${file}.partial`;
  await pipeline(
    tar,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        inner.update(chunk);
        yield chunk;
      }
    },
    createGzip({ level: 1 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        outer.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(partial),
  );
  renameSync(partial, file);
  const layer = {
    file,
    digest: `sha256:${outer.digest('hex')}`,
    diffId: `sha256:${inner.digest('hex')}`,
    size,
  };
  writeFileSync(`${file}.json`, JSON.stringify(layer));
  return layer;
}

/** A layer that was written before; nothing where there is none. */
export function findLayer(file: string): Layer | undefined {
  try {
    return { ...(JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Layer), file };
  } catch {
    return undefined;
  }
}

/** An archive as a layer: `.tgz` and `.tar.gz` are compressed, others are not. */
export function layerOf(archive: string, file: string): Promise<Layer> {
  const stream = createReadStream(archive);
  return writeLayer(/gz$/.test(archive) ? stream.pipe(createGunzip()) : stream, file);
}
