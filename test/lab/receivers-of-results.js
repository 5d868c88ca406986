// Receives what is sent, and says what it was: an HTTP server on port 8080, a mail server on port 25. One JSON object a line.
import { createServer } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

const say = (what) => console.log(JSON.stringify(what));

createServer(async (request, response) => {
  const { method, url, headers } = request;
  const { authorization, 'content-type': type } = headers;
  say({ method, url, type, authorization, body: await text(request) });
  response.statusCode = url.startsWith('/refuse') ? 403 : 200;
  response.end(url.startsWith('/refuse') ? 'invalid_token' : 'ok');
}).listen(8080, '127.0.0.1');

new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  allowInsecureAuth: true,
  disableReverseLookup: true,
  onAuth: ({ username, password }, _, done) => done(null, { user: `${username}:${password}` }),
  onData(stream, { envelope, user }, done) {
    buffer(stream)
      .then((raw) => PostalMime.parse(raw, { attachmentEncoding: 'base64' }))
      .then((mail) => {
        say({
          from: envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          user,
          mail,
        });
        done();
      });
  },
}).listen(25, '127.0.0.1', () => say('ready'));
