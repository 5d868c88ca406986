import { connect } from 'node:net';
import * as z from 'zod';
import { requesting, requestShape } from './request.js';

const parameters = {
  ...requestShape,
  port: z.int().min(1).max(65_535).meta({ description: 'port to connect to' }),
};

/** New TCP connections, one after the other: what a new user meets. */
export const tcpConnect = requesting({
  name: 'tcp-connect',
  description: 'new TCP connections to a port: what a new user meets',
  parameters,
  client: ({ parameters: { port }, to: { address: host } }) => ({
    ask: (signal) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host, port, signal });
        socket.on('error', reject);
        socket.on('connect', () => {
          socket.destroy();
          resolve();
        });
      }),
    close() {},
  }),
});
