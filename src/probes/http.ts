import http from 'node:http';
import https from 'node:https';
import * as z from 'zod';
import { regularExpression } from '../scenario/units.js';
import { requesting, requestShape } from './request.js';
import { tlsOptions, tlsShape } from './tls-options.js';

const parameters = {
  ...requestShape,
  tls: z.boolean().default(false).meta({ description: 'HTTPS, with the certificate checked' }),
  port: z.int().min(1).max(65_535).optional().meta({ description: '80 without it, 443 with TLS' }),
  path: z
    .string()
    .regex(/^\//, 'expected a path, as /status')
    .default('/')
    .meta({ description: 'what to ask for' }),
  'keep-alive': z.boolean().default(true).meta({
    description: 'connections that are kept and used again; without it, a new one each time',
  }),
  status: z.int().min(100).max(599).default(200).meta({ description: 'status that the answer must have' }),
  body: regularExpression.optional().meta({ description: 'regular expression that the answer must match' }),
  until: z.enum(['first-byte', 'complete']).default('complete').meta({
    description:
      'what ends a request: the first byte of the answer, which its head begins with, or all of it',
  }),
  ...tlsShape,
};

/** HTTP requests with their answers checked. */
export const httpProbe = requesting({
  name: 'http',
  description: 'HTTP or HTTPS requests, on lasting or on new connections, with status and body checked',
  parameters,
  check: ({ until, body }) =>
    until === 'first-byte' && body !== undefined
      ? { key: 'body', message: 'the body comes after the first byte; leave one of the two out' }
      : undefined,
  client({ parameters, from, to: { address: host } }) {
    const { tls, path, name, body, until, status: wanted } = parameters;
    const { port = tls ? 443 : 80 } = parameters;
    const scheme = tls ? https : http;
    // A request that is not yet answered does not hold up the next: that one gets another connection.
    const agent = new scheme.Agent({ keepAlive: parameters['keep-alive'] });
    const options = {
      ...(tls && tlsOptions(parameters, from)),
      ...{ host, port, path, agent },
      ...(name !== undefined && { headers: { host: name } }),
    };
    const isRight = body === undefined ? () => true : (text: string) => new RegExp(body).test(text);
    return {
      ask: (signal) =>
        new Promise((resolve, reject) => {
          const request = scheme.request({ ...options, signal }, (response) => {
            response.on('error', reject);
            if (response.statusCode !== wanted) reject(new Error(`status ${response.statusCode}`));
            else if (until === 'first-byte') resolve();
            // The rest is read in any case, so that the connection can be used again.
            const parts: Buffer[] = [];
            response.on('data', (part: Buffer) => parts.push(part));
            response.on('end', () => {
              if (isRight(Buffer.concat(parts).toString())) resolve();
              else reject(new Error('another body'));
            });
          });
          request.on('error', reject);
          request.end();
        }),
      close: () => agent.destroy(),
    };
  },
});
