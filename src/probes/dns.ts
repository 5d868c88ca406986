import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import * as z from 'zod';
import { regularExpression } from '../scenario/units.js';
import { requesting, requestShape } from './request.js';

const parameters = {
  ...requestShape,
  name: z.string().min(1).meta({ description: 'name to ask for' }),
  type: z
    .enum(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'])
    .default('A')
    .meta({ description: 'type of record' }),
  answer: regularExpression.optional().meta({
    description:
      'regular expression that one of the records must match, as text or as JSON: the instant of a switch is when it does',
  }),
  port: z.int().min(1).max(65_535).default(53).meta({ description: 'port of the resolver' }),
};

/** DNS questions to a chosen resolver with the answer checked, so that a switch by DNS is a measured instant. */
export const dns = requesting({
  name: 'dns',
  description: 'DNS questions to the resolver that `to` is, with the answer checked',
  parameters,
  client({ parameters: { name, type, answer, port, timeout }, to: { address } }) {
    // It has one try: a second one would hide what the first one met.
    const resolver = new Resolver({ timeout: Math.round(timeout / 1e6), tries: 1 });
    resolver.setServers([`${isIPv6(address) ? `[${address}]` : address}:${port}`]);
    const isRight = (record: unknown) =>
      answer === undefined ||
      new RegExp(answer).test(typeof record === 'string' ? record : JSON.stringify(record));
    return {
      async ask() {
        const records = [await resolver.resolve(name, type)].flat() as unknown[];
        if (!records.some(isRight)) throw new Error('another answer');
      },
      close: () => resolver.cancel(),
    };
  },
});
