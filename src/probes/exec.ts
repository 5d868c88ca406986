import * as z from 'zod';
import { positiveDuration } from '../scenario/units.js';
import { Asking } from './asking.js';
import type { ProbeKind } from './probe.js';
import { requestShape } from './request.js';

const parameters = {
  ...requestShape,
  command: z.string().min(1).meta({
    description:
      'command line for /bin/sh in `from`; exit code 0 is an answer, $ADDRESS the address of `to`; it must not need more time than `timeout`',
  }),
  interval: positiveDuration
    .refine((nanoseconds) => nanoseconds >= 50e6, 'expected an interval of at least 50ms')
    .prefault('1s')
    .meta({ description: 'time between two starts of the command by one client, at least 50ms' }),
  timeout: positiveDuration
    .prefault('5s')
    .meta({ description: 'longest that the command may take; then it is killed and has failed' }),
};

/** The most of a command's output that becomes a reason, characters. */
const MOST = 120;

/** A command of the scenario's own, again and again: any client that there is can be a probe. */
export const exec: ProbeKind<typeof parameters> = {
  name: 'exec',
  description: "a command of the scenario's own, run in a node again and again: it succeeds, or says why not",
  parameters,
  families: ['packets', 'round-trip'],
  interval: ({ interval }) => interval,
  streams: ({ clients }) => ({ flows: clients, ways: ['round-trip'] }),
  host({ parameters, to, start }, { from }, clock) {
    const { command, timeout } = parameters;
    const asking = new Asking({
      parameters,
      now: () => clock.now(),
      start,
      open: () => ({
        async ask(_signal, tell) {
          const { code, signal, timedOut, stdout, stderr, after } = await from.run({
            argv: ['/bin/sh', '-c', command],
            env: { ADDRESS: to.address },
            timeout,
          });
          if (code === 0) {
            tell(after);
            return;
          }
          const said = `${stderr}\n${stdout}`.split('\n').find((line) => line.trim() !== '');
          throw new Error(
            timedOut
              ? 'timeout'
              : (said?.trim().slice(0, MOST) ?? (signal ? `ended by ${signal}` : `exit code ${code}`)),
          );
        },
        close() {},
      }),
    });
    return {
      streams: asking.streams,
      take: () => ({ streams: asking.take(), sessions: [], foreign: 0, dropped: 0 }),
      end: async () => asking.end(),
    };
  },
};
