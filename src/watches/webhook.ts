import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { portSchema, receiverShape, tellOf } from './receiver.js';
import { RECEIVED, type WatchKind } from './watch.js';

const parameters = {
  ...receiverShape,
  port: portSchema(8080),
  path: z
    .string()
    .regex(/^\//, 'expected a path, as /alerts')
    .optional()
    .meta({ description: 'only requests for this path; without it, all' }),
  fields: z.record(z.string(), z.string()).optional().meta({
    description:
      'for JSON: keys, at whatever depth, each with the value that it must have: { alertname: TunnelDown }',
  }),
};

/** An HTTP request arrives, as monitoring sends them. */
export const webhook: WatchKind<typeof parameters> = {
  name: 'webhook',
  description: 'an HTTP request arrives, with a body that matches or JSON that has what is looked for',
  parameters,
  isMomentary: true,
  resolution: () => RECEIVED,
  async receive({ port, path, match, fields }, tell) {
    const server = createServer(async (request, response) => {
      const body = await text(request).catch(() => undefined);
      response.end();
      if (body === undefined || (path !== undefined && request.url?.split('?')[0] !== path)) return;
      if (fields === undefined || hasFields(body, fields))
        tellOf(body || `${request.method} ${request.url}`, match, tell);
    });
    server.listen(port);
    await once(server, 'listening');
    return {
      close() {
        server.close();
        server.closeAllConnections();
      },
    };
  },
};

/** Whether a text is JSON in which each key is somewhere with its value. */
function hasFields(body: string, fields: Record<string, string>): boolean {
  const missing = new Map(Object.entries(fields));
  try {
    JSON.parse(body, (key, value) => {
      if (missing.get(key) === String(value)) missing.delete(key);
      return value;
    });
  } catch {
    return false;
  }
  return missing.size === 0;
}
