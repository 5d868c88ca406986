import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { isIP } from 'node:net';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { connectFrom } from '../linux/sockets.js';
import { nodeName, positiveDuration } from '../scenario/units.js';
import type { Sight, WatchKind } from './watch.js';

const COMPARISONS: Record<string, (value: number, limit: number) => boolean> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '==': (value, limit) => value === limit,
  '!=': (value, limit) => value !== limit,
  '>=': (value, limit) => value >= limit,
  '>': (value, limit) => value > limit,
};
const CONDITION = /^(<|<=|==|!=|>=|>)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i;

/** Port that Prometheus listens on unless told otherwise. */
const USUAL_PORT = 9090;

const parameters = {
  node: nodeName.meta({ description: 'node whose network the question goes out from' }),
  address: z
    .string()
    .refine((text) => isIP(text) !== 0, 'expected an IP address')
    .default('127.0.0.1')
    .meta({ description: 'address of Prometheus' }),
  port: z.int().min(1).max(65_535).default(USUAL_PORT).meta({ description: 'port of its HTTP API' }),
  query: z.string().min(1).meta({ description: 'instant query in PromQL' }),
  is: z
    .string()
    .regex(CONDITION, 'expected a comparison with a number, as "> 0.5" or "== 0"')
    .meta({ description: 'what a value has to be, as "> 0.5"; of several series one is enough' }),
  interval: positiveDuration.prefault('500ms').meta({
    description:
      'time from one look to the next: the error of this watch; how old the samples are that Prometheus answers from is part of what is watched',
  }),
};

/** Longest that an answer may take, milliseconds. */
const TIMEOUT = 5000;

/**
 * Whether one of the values in an answer of the HTTP API (/api/v1/query) is as wanted; without a value none is.
 * @throws Error where the answer has no values, with what Prometheus says is wrong
 */
export function judgeAnswer(answer: string, condition: string): Sight {
  const [, comparison = '', limit] = CONDITION.exec(condition) ?? [];
  const values = valuesOf(answer);
  const isWanted = values.find((value) => COMPARISONS[comparison]!(value, Number(limit)));
  const shown = isWanted ?? values[0];
  return { active: isWanted !== undefined, detail: shown === undefined ? 'no data' : `value ${shown}` };
}

function valuesOf(answer: string): number[] {
  const { data, error } = parse(answer);
  if (error !== undefined) throw new Error(`Prometheus says: ${error}`);
  const pairs =
    data?.resultType === 'vector'
      ? data.result?.map((one) => (one as { value?: unknown })?.value)
      : [data?.result];
  if (!pairs?.every((pair) => Array.isArray(pair) && pair.length === 2))
    throw new Error('its answer is no vector and no scalar');
  return pairs.map((pair) => numberOf(String((pair as unknown[])[1])));
}

/** A sample's value; the API writes infinities as Go does. */
const numberOf = (value: string): number => Number(value.replace(/^([+-]?)Inf$/, '$1Infinity'));

function parse(answer: string): { data?: { resultType?: string; result?: unknown[] }; error?: string } {
  try {
    return JSON.parse(answer) ?? {};
  } catch {
    throw new Error('what answers is not Prometheus');
  }
}

/** A value that Prometheus computes crosses a limit. Polled. */
export const prometheus: WatchKind<typeof parameters> = {
  name: 'prometheus',
  description: 'the value of a PromQL query crosses a limit (polled)',
  parameters,
  resolution: ({ interval }) => interval,
  async look({ address, port, query, is }, { network }) {
    if (network === undefined) throw new Error('the node has no power');
    const asked = request({
      createConnection: () => connectFrom(network, address, port),
      host: address,
      port,
      path: `/api/v1/query?query=${encodeURIComponent(query)}`,
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(TIMEOUT),
    });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return judgeAnswer(await text(response), is);
  },
};
