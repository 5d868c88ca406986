import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { portSchema, receiverShape, tellOf } from './receiver.js';
import { RECEIVED, type WatchKind } from './watch.js';

const parameters = { ...receiverShape, port: portSchema(25) };

/** A mail arrives. */
export const smtp: WatchKind<typeof parameters> = {
  name: 'smtp',
  description: 'a mail arrives whose subject and text match; it is taken from and for anybody',
  parameters,
  isMomentary: true,
  resolution: () => RECEIVED,
  async receive({ port, match }, tell) {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      logger: false,
      onData(stream, _, done) {
        buffer(stream)
          .then((raw) => PostalMime.parse(raw))
          .then(({ subject = '', text = '' }) => {
            tellOf(`${subject}\n${text}`, match, tell);
            done();
          })
          .catch(done);
      },
    });
    // A client that hangs up in the middle is nobody's error.
    server.on('error', () => {});
    server.listen(port);
    await once(server.server, 'listening');
    return { close: () => server.close() };
  },
};
