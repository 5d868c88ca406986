import type * as z from 'zod';
import { pathInRoot } from '../linux/in-root.js';
import { absolutePath, nodeName, regularExpression } from '../scenario/units.js';
import { LineFollower } from './line-follower.js';
import { EVENT_RESOLUTION, type Sensor, type Sight, type WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  file: absolutePath.optional().meta({
    description: "file in the node; without it, what the node's daemons write to their console",
  }),
  match: regularExpression.meta({ description: 'regular expression; a line that matches is a signal' }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

/** Tells of the lines of a file that match, from now on. */
class LogSensor implements Sensor {
  readonly #follower: LineFollower;
  readonly #pattern: RegExp;

  constructor({ match }: Parameters, path: string) {
    this.#follower = new LineFollower(path, { from: 'end' });
    this.#pattern = new RegExp(match);
  }

  get descriptor(): number {
    return this.#follower.descriptor;
  }

  read(): Sight[] {
    const lines = this.#follower.read().filter((line) => this.#pattern.test(line));
    return lines.map((detail) => ({ active: true, detail }));
  }

  close(): void {
    this.#follower.close();
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
