import pc from 'picocolors';

/** Where a running drill says what happens: lines that stay, and one that lives. */
export interface Screen extends Disposable {
  say(text: string): void;
  /** Replaces the living line. */
  live(text: string): void;
  /** Takes the living line away. */
  end(): void;
}

/** Standard error: the living line only on a terminal. */
export class PlainScreen implements Screen {
  readonly #isLive = process.stderr.isTTY === true;

  say(text: string): void {
    this.end();
    process.stderr.write(`${text}\n`);
  }

  live(text: string): void {
    if (!this.#isLive) return;
    process.stderr.write(`\r\x1b[K${pc.dim(text.slice(0, (process.stderr.columns ?? 80) - 1))}`);
  }

  end(): void {
    if (this.#isLive) process.stderr.write('\r\x1b[K');
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
