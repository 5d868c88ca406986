import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FolderWatch } from '../linux/inotify.js';

/** Follows a file by name: through truncation, and through rotation to a new file. */
export class LineFollower {
  readonly #path: string;
  readonly #folder: FolderWatch;
  readonly #buffer = Buffer.alloc(65536);
  #file: number | undefined;
  #position = 0;
  #rest = '';

  /** @param from whether the lines that are there already are read as well */
  constructor(path: string, { from }: { from: 'start' | 'end' }) {
    this.#path = path;
    this.#folder = new FolderWatch(dirname(path));
    this.#open();
    if (from === 'end' && this.#file !== undefined) this.#position = fstatSync(this.#file).size;
  }

  get descriptor(): number {
    return this.#folder.descriptor;
  }

  #open(): void {
    try {
      this.#file = openSync(this.#path, 'r');
      this.#position = 0;
      this.#rest = '';
    } catch {
      // It may be made later.
      this.#file = undefined;
    }
  }

  /** The lines that were written since. */
  read(): string[] {
    this.#folder.clear();
    if (this.#file === undefined) this.#open();
    const lines = this.#lines();
    if (this.#file !== undefined && this.#isReplaced(this.#file)) {
      closeSync(this.#file);
      this.#open();
      lines.push(...this.#lines());
    }
    return lines;
  }

  #isReplaced(file: number): boolean {
    try {
      return statSync(this.#path).ino !== fstatSync(file).ino;
    } catch {
      return false;
    }
  }

  #lines(): string[] {
    if (this.#file === undefined) return [];
    if (fstatSync(this.#file).size < this.#position) this.#position = 0;
    const lines: string[] = [];
    for (;;) {
      const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, this.#position);
      if (length === 0) break;
      this.#position += length;
      const parts = (this.#rest + this.#buffer.toString('utf8', 0, length)).split('\n');
      this.#rest = parts.pop()!;
      lines.push(...parts);
    }
    return lines;
  }

  close(): void {
    this.#folder.close();
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
