import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as z from 'zod';
import { pathInRoot } from '../linux/in-root.js';
import { FolderWatch } from '../linux/inotify.js';
import { absolutePath, nodeName, regularExpression } from '../scenario/units.js';
import { EVENT_RESOLUTION, type Sensor, type Sight, type WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  file: absolutePath.optional().meta({
    description: "file in the node; without it, what the node's daemons write to their console",
  }),
  match: regularExpression.meta({ description: 'regular expression; a line that matches is a signal' }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

/** Follows a file by name: through truncation, and through rotation to a new file. */
class LogSensor implements Sensor {
  readonly #path: string;
  readonly #pattern: RegExp;
  readonly #folder: FolderWatch;
  readonly #buffer = Buffer.alloc(65536);
  #file: number | undefined;
  #position = 0;
  #rest = '';

  constructor({ match }: Parameters, path: string) {
    this.#path = path;
    this.#pattern = new RegExp(match);
    this.#folder = new FolderWatch(dirname(path));
    this.#open();
    if (this.#file !== undefined) this.#position = fstatSync(this.#file).size;
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

  read(): Sight[] {
    this.#folder.clear();
    if (this.#file === undefined) this.#open();
    const signals = this.#lines();
    if (this.#file !== undefined && this.#isReplaced(this.#file)) {
      closeSync(this.#file);
      this.#open();
      signals.push(...this.#lines());
    }
    return signals;
  }

  #isReplaced(file: number): boolean {
    try {
      return statSync(this.#path).ino !== fstatSync(file).ino;
    } catch {
      return false;
    }
  }

  #lines(): Sight[] {
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
    return lines.filter((line) => this.#pattern.test(line)).map((detail) => ({ active: true, detail }));
  }

  close(): void {
    this.#folder.close();
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

/** A line that matches was written to a file of a node, or to its console. */
export const log: WatchKind<typeof parameters> = {
  name: 'log',
  description: "a line that matches was written to a node's file or console",
  parameters,
  isMomentary: true,
  resolution: () => EVENT_RESOLUTION,
  sense: (parameters, { files, console }) => {
    const path = parameters.file === undefined ? console : pathInRoot(files, parameters.file);
    return new LogSensor(parameters, path);
  },
};
