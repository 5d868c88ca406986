import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import * as z from 'zod';
import { portSchema, receiverShape, tellOf } from './receiver.js';
import { RECEIVED, type WatchKind } from './watch.js';

/** RFC 5424 6.2.1, most severe first. */
const severities = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
] as const;

const parameters = {
  ...receiverShape,
  port: portSchema(514),
  severity: z.enum(severities).default('debug').meta({
    description: 'least severity of a message that counts; one without a priority counts as notice',
  }),
};

/** A message that is longer than this is cut: nobody waits for its end. */
const LONGEST = 65_536;

/** RFC 3164 4.3.3: what a message without a priority is taken for. */
const WITHOUT_PRIORITY = severities.indexOf('notice');

/** A syslog message arrives, over UDP or TCP, in either of the two formats or in none. */
export const syslog: WatchKind<typeof parameters> = {
  name: 'syslog',
  description: 'a syslog message arrives that matches, by UDP or TCP (RFC 5424, RFC 3164, RFC 6587)',
  parameters,
  isMomentary: true,
  resolution: () => RECEIVED,
  async receive({ port, match, severity }, tell) {
    const least = severities.indexOf(severity);
    const take = (message: string) => {
      const priority = /^<(\d{1,3})>/.exec(message)?.[1];
      const own = priority === undefined ? WITHOUT_PRIORITY : Number(priority) & 7;
      if (own <= least) tellOf(message, match, tell);
    };
    const datagrams = createSocket('udp6');
    datagrams.on('message', (message) => take(message.toString()));
    datagrams.bind(port);
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => {});
      const frames = new SyslogFrames(take);
      socket.on('data', (data) => frames.add(data.toString('latin1')));
      socket.on('end', () => frames.end());
    });
    server.listen(port);
    await Promise.all([once(datagrams, 'listening'), once(server, 'listening')]);
    return {
      datagrams,
      close() {
        datagrams.close();
        server.close();
        for (const socket of open) socket.destroy();
      },
    };
  },
};

/** Cuts a stream into messages: each after its length in bytes, or up to the end of a line (RFC 6587). */
class SyslogFrames {
  readonly #take: (message: string) => void;
  /** A character for each byte. */
  #rest = '';

  constructor(take: (message: string) => void) {
    this.#take = take;
  }

  /** @param bytes a character for each byte */
  add(bytes: string): void {
    this.#rest += bytes;
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) this.#hand(frame);
  }

  /** The stream ended: what is left is a message. */
  end(): void {
    this.#hand(this.#rest);
    this.#rest = '';
  }

  #hand(frame: string): void {
    if (frame !== '') this.#take(Buffer.from(frame, 'latin1').toString());
  }

  #next(): string | undefined {
    const counted = /^([1-9]\d{0,5}) </.exec(this.#rest);
    if (counted) {
      const start = counted[1]!.length + 1;
      const end = start + Number(counted[1]);
      if (this.#rest.length < end) return undefined;
      const frame = this.#rest.slice(start, end);
      this.#rest = this.#rest.slice(end);
      return frame;
    }
    const end = this.#rest.search(/[\n\0]/);
    if (end < 0 && this.#rest.length <= LONGEST) return undefined;
    const frame = this.#rest.slice(0, end < 0 ? LONGEST : end);
    this.#rest = this.#rest.slice(end < 0 ? LONGEST : end + 1);
    return frame.replace(/\r$/, '');
  }
}
