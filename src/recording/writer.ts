import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { CannotRun } from '../runtime/errors.js';
import type { Event } from './events.js';

/** Lines are gathered up to this many characters, or until someone wants them on disk. */
const GATHER = 1 << 18;

/** Appends events to a recording. What was written stays readable whenever this process ends. */
export class RecordingWriter implements Disposable {
  readonly path: string;
  readonly #file: number;
  #lines: string[] = [];
  #gathered = 0;
  /** Of all bytes handed to the kernel. */
  readonly #hash = createHash('sha256');

  /** @throws CannotRun where the file cannot be made or exists already */
  constructor(path: string) {
    this.path = path;
    this.#file = attempt(path, () => openSync(path, 'ax'));
  }

  write(event: Event): void {
    const line = JSON.stringify(event);
    this.#lines.push(line);
    this.#gathered += line.length;
    if (this.#gathered > GATHER) this.flush();
  }

  /** Hands what was gathered to the kernel. @throws CannotRun where the disk is full */
  flush(): void {
    if (this.#lines.length === 0) return;
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#hash.update(bytes);
    this.#lines = [];
    this.#gathered = 0;
    attempt(this.path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    });
  }

  /** Writes the last line, which says what all others were. */
  seal(): void {
    this.flush();
    this.write({ k: 'seal', sha256: this.#hash.copy().digest('hex') });
    this.flush();
  }

  /** Waits until all that was written is on disk. */
  sync(): void {
    this.flush();
    attempt(this.path, () => fsyncSync(this.#file));
  }

  [Symbol.dispose](): void {
    try {
      this.flush();
    } finally {
      closeSync(this.#file);
    }
  }
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOSPC' ? 'the disk is full' : code === 'EEXIST' ? 'it exists already' : `${code}`;
    throw new CannotRun(`cannot write the recording ${path}: ${why}`, {
      hint:
        code === 'ENOSPC'
          ? 'free some space, or choose another folder with --out'
          : 'choose another folder with --out',
      cause: error,
    });
  }
}
