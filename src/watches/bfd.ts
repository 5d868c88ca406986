import * as z from 'zod';
import { type ByteStream, connectLocal } from '../linux/byte-stream.js';
import { nodeName } from '../scenario/units.js';
import { ipAddress } from './addresses.js';
import { type Conversation, DaemonSensor } from './daemon-sensor.js';
import { FrrTerminal, frrSocket, parseShown } from './frr.js';
import { EVENT_RESOLUTION, type Seen, type WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  peer: ipAddress.meta({ description: 'address of the peer, as `show bfd peers` has it' }),
  interface: z.string().min(1).optional().meta({
    description: 'only the session on this interface; without it, the peer is up while one session is',
  }),
  state: z.enum(['down', 'up']).default('down').meta({
    description: 'state that counts as the signal; `down` is any but Up (RFC 5880), or no session at all',
  }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

// bfdd/bfdctl.h of FRR
const NOTIFY = 4;
const VERSION = 1;
const HEADER = 8;
/** Longest message that is believed to be one. */
const LONGEST = 1 << 20;

/** Asks to be told of everything: length of the data, number of the request, type, version, then a mask. */
const NOTIFY_ALL = Buffer.from([0, 0, 0, 8, 0, 1, NOTIFY, VERSION, ...Buffer.alloc(8, 0xff)]);

/** A session as bfdd's notices have it. */
interface Notice {
  op: string;
  'peer-address': string;
  'local-address'?: string;
  'local-interface'?: string;
  'vrf-name'?: string;
  state?: string;
}

/** A session as `show bfd peers json` has it. */
interface Shown {
  peer: string;
  local?: string;
  interface?: string;
  vrf?: string;
  status: string;
}

/** Cuts what bfdd sends into its messages, each JSON; what is none is left out. */
export class BfdMessages {
  #rest = Buffer.alloc(0);

  /** @throws Error where the bytes are no messages of bfdd */
  *add(bytes: Buffer): Generator<unknown> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= HEADER) {
      const length = this.#rest.readUInt32BE(0);
      if (length > LONGEST || this.#rest[7] !== VERSION) throw new Error('it speaks another language');
      if (this.#rest.length < HEADER + length) return;
      const text = this.#rest.toString('utf8', HEADER, HEADER + length);
      this.#rest = this.#rest.subarray(HEADER + length);
      try {
        yield JSON.parse(text);
      } catch {
        // Not a notice.
      }
    }
  }
}

/** Sessions with one peer, from bfdd's control socket, which needs no setting; how they are at first, from its terminal. */
class BfdSessions implements Conversation {
  readonly #wanted: Parameters;
  readonly #tell: (seen: Seen) => void;
  readonly #control: ByteStream;
  readonly #terminal: FrrTerminal;
  readonly #messages = new BfdMessages();
  readonly #states = new Map<string, string>();
  #isKnown = false;

  constructor(options: {
    wanted: Parameters;
    control: string;
    terminal: string;
    tell: (seen: Seen) => void;
    listen: (descriptor: number) => void;
  }) {
    this.#wanted = options.wanted;
    this.#tell = options.tell;
    this.#control = connectLocal(options.control);
    options.listen(this.#control.descriptor);
    this.#terminal = new FrrTerminal(options.terminal, options.listen);
    this.#control.write(NOTIFY_ALL);
  }

  read(): void {
    for (let bytes = this.#control.read(); bytes; bytes = this.#control.read()) {
      if (bytes.length === 0) throw new Error('it closed the connection');
      for (const message of this.#messages.add(bytes)) this.#hear(message as Partial<Notice> & Answer);
    }
    this.#terminal.read();
  }

  #hear(message: Partial<Notice> & Answer): void {
    // From now on it tells of changes, so what it shows cannot miss one.
    if (message?.status === 'ok') this.#terminal.ask('show bfd peers json', (answer) => this.#take(answer));
    if (!message?.op || (message['vrf-name'] ?? 'default') !== 'default') return;
    if (message['peer-address'] !== this.#wanted.peer) return;
    const key = `${message['local-interface'] ?? ''} ${message['local-address'] ?? ''}`;
    if (message.op === 'delete') this.#states.delete(key);
    else if (message.op === 'status' && message.state) this.#states.set(key, message.state);
    else return;
    if (this.#isKnown) this.#say();
  }

  #take(answer: string): void {
    this.#states.clear();
    for (const { peer, local = '', interface: device = '', vrf = 'default', status } of parseShown(
      answer,
    ) as Shown[]) {
      if (peer === this.#wanted.peer && vrf === 'default') this.#states.set(`${device} ${local}`, status);
    }
    this.#isKnown = true;
    this.#say();
  }

  #say(): void {
    const { peer, interface: device, state } = this.#wanted;
    const states = [...this.#states]
      .filter(([key]) => device === undefined || key.split(' ')[0] === device)
      .map(([, state]) => state);
    const isUp = states.includes('up');
    const detail = `${peer} ${isUp ? 'is up' : states.length === 0 ? 'has no session' : `is ${states.join(', ')}`}`;
    this.#tell({ active: isUp === (state === 'up'), detail });
  }

  close(): void {
    this.#control.close();
    this.#terminal.close();
  }
}

/** What bfdd answers to a request. */
interface Answer {
  status?: string;
}

/** A BFD session of FRR comes up or goes down, told by bfdd's control socket. */
export const bfd: WatchKind<typeof parameters> = {
  name: 'bfd',
  description:
    'a BFD session of FRR goes down, or comes up, by what bfdd tells at /run/frr/bfdd.sock; default VRF',
  parameters,
  phase: 'detect',
  isTimedBy: ({ state }, { protocol }) => state === 'down' && protocol === 'BFD',
  resolution: () => EVENT_RESOLUTION,
  sense: (wanted, site) =>
    new DaemonSensor({
      daemon: 'bfdd at /run/frr/bfdd.sock',
      converse: (hooks) =>
        new BfdSessions({
          ...hooks,
          wanted,
          control: frrSocket(site, 'bfdd.sock'),
          terminal: frrSocket(site, 'bfdd.vty'),
        }),
    }),
};
