import * as z from 'zod';
import { type ByteStream, connectLocal, connectRemote } from '../linux/byte-stream.js';
import { pathInRoot } from '../linux/in-root.js';
import { nodeName } from '../scenario/units.js';
import { type Conversation, DaemonSensor } from './daemon-sensor.js';
import { EVENT_RESOLUTION, type Seen, type WatchKind, type WatchSite } from './watch.js';

const ENDPOINT = /^(?:\/.*|\d+\.\d+\.\d+\.\d+:\d+)$/;

const parameters = {
  node: nodeName,
  management: z
    .string()
    .regex(ENDPOINT, 'expected the path of a socket, or an address and port as 127.0.0.1:7505')
    .meta({
      description:
        "where OpenVPN's `management` listens, without a password: a unix socket's path in the node, or an address and port; it takes one client at a time, so one watch",
    }),
  state: z.enum(['down', 'connected']).default('down').meta({
    description: 'state that counts as the signal; `down` is any but CONNECTED',
  }),
};

/** Reads a state out of a line: seconds since 1970, state, description and more, behind `>STATE:` where it is news. */
export function parseOpenvpnState(line: string) {
  const [, state, why = ''] = /^(?:>STATE:)?\d+,([A-Z_]+),([^,]*)(?:,.*)?$/.exec(line) ?? [];
  return state ? { state, why } : undefined;
}

/** Longest line of the management interface. */
const LONGEST = 65_536;

/** The management interface of OpenVPN: it greets, is asked for its state, and tells of each change. */
class OpenvpnManagement implements Conversation {
  readonly #stream: ByteStream;
  readonly #tell: (seen: Seen) => void;
  readonly #wanted: 'down' | 'connected';
  #rest = '';
  #isGreeted = false;

  constructor(options: {
    stream: ByteStream;
    wanted: 'down' | 'connected';
    tell: (seen: Seen) => void;
    listen: (descriptor: number) => void;
  }) {
    this.#stream = options.stream;
    this.#tell = options.tell;
    this.#wanted = options.wanted;
    options.listen(options.stream.descriptor);
  }

  read(): void {
    for (let bytes = this.#stream.read(); bytes; bytes = this.#stream.read()) {
      if (bytes.length === 0) throw new Error('it closed the connection');
      const lines = (this.#rest + bytes.toString()).split(/\r?\n/);
      this.#rest = lines.pop()!;
      if (this.#rest.startsWith('ENTER PASSWORD:')) throw new Error('it asks for a password');
      if (this.#rest.length > LONGEST) throw new Error('its line has no end');
      for (const line of lines) this.#hear(line);
    }
  }

  #hear(line: string): void {
    if (!this.#isGreeted && line.startsWith('>INFO:')) {
      this.#isGreeted = true;
      this.#stream.write(Buffer.from('state on\nstate\n'));
    }
    const news = parseOpenvpnState(line);
    if (!news) return;
    const { state, why } = news;
    this.#tell({
      active: (state === 'CONNECTED') === (this.#wanted === 'connected'),
      detail: `${state}${why && ` (${why})`}`,
    });
  }

  close(): void {
    this.#stream.close();
  }
}

function connect(management: string, { files, network }: WatchSite): ByteStream {
  if (management.startsWith('/')) return connectLocal(pathInRoot(files, management));
  const [address = '', port] = management.split(':');
  return connectRemote(network, address, Number(port));
}

/** OpenVPN is connected, or no longer, by its management interface. */
export const openvpn: WatchKind<typeof parameters> = {
  name: 'openvpn',
  description: 'OpenVPN loses its connection, or has it, by what its management interface tells',
  parameters,
  phase: 'detect',
  isTimedBy: ({ state }, { protocol }) => state === 'down' && protocol === 'OpenVPN',
  resolution: () => EVENT_RESOLUTION,
  sense: ({ management, state }, site) =>
    new DaemonSensor({
      daemon: `OpenVPN at ${management}`,
      silence: 'it does not answer; another client may have its management interface',
      converse: (hooks) =>
        new OpenvpnManagement({ ...hooks, wanted: state, stream: connect(management, site) }),
    }),
};
