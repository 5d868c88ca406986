import * as z from 'zod';
import { positiveDuration } from '../scenario/units.js';
import { endsShape } from './ends.js';
import type { ProbeKind, ProbeSetup, Requester } from './probe.js';

/** What every probe that makes requests takes. */
export const requestShape = {
  ...endsShape({ from: 'that asks', to: 'that answers', address: 'ask' }),
  clients: z
    .int()
    .min(1)
    .max(200)
    .default(1)
    .meta({ description: 'number of clients that ask, one after the other' }),
  interval: positiveDuration
    .refine((nanoseconds) => nanoseconds >= 10e6, 'expected an interval of at least 10ms')
    .prefault('100ms')
    .meta({ description: 'time between two requests of one client, at least 10ms' }),
  timeout: positiveDuration
    .prefault('1s')
    .meta({ description: 'longest that a request may take; then it failed' }),
};
type Asked = z.output<z.ZodObject<typeof requestShape>>;

/** Makes a kind of probe that asks a service again and again and counts what went wrong. */
export const requesting = <S extends typeof requestShape>(kind: {
  name: string;
  description: string;
  parameters: S;
  check?: NonNullable<ProbeKind<S>['check']>;
  client: (setup: ProbeSetup<z.output<z.ZodObject<S>>>) => Requester;
}): ProbeKind<S> => ({
  ...kind,
  thread: 'probes/request-worker',
  families: ['packets', 'round-trip'],
  interval: (parameters) => (parameters as Asked).interval,
  streams: (parameters) => ({ flows: (parameters as Asked).clients, ways: ['round-trip'] }),
});
