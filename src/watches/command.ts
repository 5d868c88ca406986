import * as z from 'zod';
import { formatDuration, nodeName, positiveDuration, regularExpression } from '../scenario/units.js';
import type { WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  command: z.string().min(1).meta({ description: 'command line for /bin/sh in the node' }),
  matches: regularExpression.optional().meta({
    description:
      'regular expression that its output must match, ^ and $ at any line; without it, its exit code must be 0',
  }),
  interval: positiveDuration
    .prefault('200ms')
    .meta({ description: 'time from one look to the next: the error of this watch' }),
  timeout: positiveDuration
    .prefault('5s')
    .meta({ description: 'longest that one look may take; after that nobody knows' }),
};

/** Exit codes by which a shell says that it could not run the command (POSIX, 2.8.2). */
const COULD_NOT_RUN = new Set([126, 127]);

/** A command in a node succeeds, or prints what is looked for. Polled: its interval is its error. */
export const command: WatchKind<typeof parameters> = {
  name: 'command',
  description: 'a command in a node succeeds, or prints what is looked for (polled)',
  parameters,
  resolution: ({ interval }) => interval,
  async look({ command, matches, timeout }, node) {
    const { code, signal, timedOut, stdout, stderr } = await node.run({
      argv: ['/bin/sh', '-c', command],
      timeout,
    });
    if (timedOut) throw new Error(`the command took longer than ${formatDuration(timeout)}`);
    if (code === null) throw new Error(`the command was ended by ${signal}`);
    if (COULD_NOT_RUN.has(code)) throw new Error(stderr.trim().split('\n')[0] || `exit code ${code}`);
    const active = matches === undefined ? code === 0 : new RegExp(matches, 'm').test(stdout);
    return { active, detail: stdout.trim().split('\n')[0] || `exit code ${code}` };
  },
};
