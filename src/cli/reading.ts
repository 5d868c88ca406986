import pc from 'picocolors';

/** Shorter readings are not worth a word. */
const QUIET_MS = 1000;

/** Says on standard error that recordings are being judged, where that takes a while. */
export class Reading {
  readonly #start = Date.now();
  readonly #isLive = process.stderr.isTTY === true;
  #hasSaid = false;

  /** A recording is going to be judged. */
  notice({ folder, number, of }: { folder: string; number: number; of: number }): void {
    if (Date.now() - this.#start < QUIET_MS) return;
    if (this.#isLive) process.stderr.write(`\r\x1b[K${pc.dim(`judging ${number} of ${of}: ${folder}`)}`);
    else if (!this.#hasSaid) process.stderr.write(`judging ${of} recordings that the index does not know\n`);
    this.#hasSaid = true;
  }

  warn(text: string): void {
    this.end();
    console.error(pc.yellow(text));
  }

  /** Takes the living line away. */
  end(): void {
    if (this.#isLive && this.#hasSaid) process.stderr.write('\r\x1b[K');
  }
}
