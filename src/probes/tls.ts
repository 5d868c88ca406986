import { connect } from 'node:tls';
import * as z from 'zod';
import { requesting, requestShape } from './request.js';
import { tlsOptions, tlsShape } from './tls-options.js';

const parameters = {
  ...requestShape,
  port: z.int().min(1).max(65_535).default(443).meta({ description: 'port to connect to' }),
  ...tlsShape,
};

/** Whole TLS handshakes, one after the other, with the certificate checked. */
export const tls = requesting({
  name: 'tls',
  description: 'TLS handshakes on new connections, with the certificate checked',
  parameters,
  client({ parameters, from, to: { address: host } }) {
    const options = { ...tlsOptions(parameters, from), host, port: parameters.port };
    return {
      ask: (signal) =>
        new Promise((resolve, reject) => {
          const socket = connect({ ...options, signal } as never);
          socket.on('error', reject);
          socket.on('secureConnect', () => {
            socket.destroy();
            resolve();
          });
        }),
      close() {},
    };
  },
});
