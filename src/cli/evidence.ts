import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Evidence } from '../recording/events.js';

/** What somebody attaches: where it is the path of a file that can be read its name, size and SHA-256, else the words themselves. */
export async function evidenceFrom(words: string): Promise<Evidence> {
  try {
    if (!statSync(words).isFile()) return { text: words };
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(createReadStream(words), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    });
    return { file: basename(words), sha256: hash.digest('hex'), bytes };
  } catch {
    return { text: words };
  }
}
