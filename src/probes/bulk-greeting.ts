import { readTcp } from '../linux/tcp-bulk.js';
import { connectionOf, HEADER, isOurs, streamOf } from './packet.js';

/** The first bytes of a connection of a bulk transfer, which say what it is for: an address translator may hide whose it is. */
export class BulkGreeting {
  readonly #bytes = Buffer.alloc(HEADER);
  #filled = 0;

  /**
   * Reads on.
   * @returns flow and connection that it is for, `more` where the rest is still to come, `foreign` for what is not this probe's
   * @throws SystemError where the connection is broken
   */
  read(
    descriptor: number,
    tag: number,
    probe: number,
  ): { flow: number; connection: number } | 'more' | 'foreign' {
    const length = readTcp(descriptor, this.#bytes.subarray(this.#filled));
    if (length < 0) return 'more';
    if (length === 0) return 'foreign';
    this.#filled += length;
    if (this.#filled < HEADER) return 'more';
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
    if (!isOurs(view, 0, HEADER, tag, probe)) return 'foreign';
    return { flow: streamOf(view, 0), connection: connectionOf(view, 0) };
  }
}
