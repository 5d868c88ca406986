import * as z from 'zod';
import { type ByteStream, connectLocal } from '../linux/byte-stream.js';
import { pathInRoot } from '../linux/in-root.js';
import { absolutePath, nodeName } from '../scenario/units.js';
import { type Conversation, DaemonSensor } from './daemon-sensor.js';
import { encodeVici, sectionsOf, VICI, type ViciMessage, type ViciPacket, ViciPackets } from './vici.js';
import { EVENT_RESOLUTION, type Seen, type WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  connection: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'name of the connection in swanctl.conf; without it, any' }),
  child: z.string().min(1).optional().meta({
    description: 'name of a CHILD_SA of it, whose state is looked at; without it, that of the IKE_SA',
  }),
  state: z.enum(['down', 'up']).default('down').meta({
    description:
      'state that counts as the signal: `up` while at least one such SA is established or installed',
  }),
  socket: absolutePath
    .default('/run/charon.vici')
    .meta({ description: "file in the node of charon's vici socket" }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

/** States of an SA that carries traffic, those in which it is about to be replaced included. */
const UP = ['ESTABLISHED', 'INSTALLED', 'REKEYING', 'UPDATING'];

/** The SAs that a watch looks at: they come and go one by one, and are replaced when they are rekeyed. */
export class SecurityAssociations {
  readonly #wanted: { connection?: string | undefined; child?: string | undefined };
  readonly #up = new Set<string>();

  constructor(wanted: { connection?: string | undefined; child?: string | undefined }) {
    this.#wanted = wanted;
  }

  get count(): number {
    return this.#up.size;
  }

  /** Takes what charon lists or tells; whether that was about the SAs looked at. */
  hear({ name, message }: ViciPacket): boolean {
    const { connection, child } = this.#wanted;
    const ikes = sectionsOf(message).filter(([key]) => connection === undefined || key === connection);
    if (child === undefined) {
      if (name === 'child-updown' || name === 'child-rekey') return false;
      for (const [, ike] of ikes) this.#take(name, message, ike);
      return ikes.length > 0;
    }
    if (name === 'ike-updown' || name === 'ike-rekey') return false;
    const children = ikes
      .flatMap(([, ike]) => sectionsOf(ike['child-sas'] as ViciMessage | undefined))
      .filter(([key, sa]) => nameOfChild(key, sa) === child);
    for (const [, sa] of children) this.#take(name, message, sa);
    return children.length > 0;
  }

  #take(event: string, message: ViciMessage, sa: ViciMessage): void {
    if (event.endsWith('-rekey')) {
      const { old, new: fresh } = sa as { old?: ViciMessage; new?: ViciMessage };
      if (old) this.#up.delete(String(old.uniqueid));
      if (fresh) this.#up.add(String(fresh.uniqueid));
    } else if (event === 'list-sa' ? UP.includes(String(sa.state)) : message.up === 'yes')
      this.#up.add(String(sa.uniqueid));
    else this.#up.delete(String(sa.uniqueid));
  }
}

/** A CHILD_SA's section is called NAME-ID; one that is rekeyed is called NAME, with the old and the new one in it. */
const nameOfChild = (key: string, { name, old }: ViciMessage): string =>
  String(name ?? (old as ViciMessage | undefined)?.name ?? key);

const EVENTS = ['ike-updown', 'child-updown', 'ike-rekey', 'child-rekey', 'list-sa'];

/** What charon tells of its SAs, from its own control socket. */
class CharonEvents implements Conversation {
  readonly #wanted: Parameters;
  readonly #tell: (seen: Seen) => void;
  readonly #stream: ByteStream;
  readonly #packets = new ViciPackets();
  readonly #associations: SecurityAssociations;
  #isKnown = false;

  constructor(options: {
    wanted: Parameters;
    path: string;
    tell: (seen: Seen) => void;
    listen: (descriptor: number) => void;
  }) {
    this.#wanted = options.wanted;
    this.#tell = options.tell;
    this.#associations = new SecurityAssociations(options.wanted);
    this.#stream = connectLocal(options.path);
    options.listen(this.#stream.descriptor);
    for (const event of EVENTS) this.#stream.write(encodeVici(VICI.register, event));
    this.#stream.write(encodeVici(VICI.request, 'list-sas'));
  }

  read(): void {
    for (let bytes = this.#stream.read(); bytes; bytes = this.#stream.read()) {
      if (bytes.length === 0) throw new Error('it closed the connection');
      for (const packet of this.#packets.add(bytes)) this.#hear(packet);
    }
  }

  #hear(packet: ViciPacket): void {
    if (packet.type === VICI.unknownEvent || packet.type === VICI.unknownRequest)
      throw new Error('it does not know an event that strongSwan 5.3 and later have');
    // The answer comes after all that it lists.
    const isAnswer = packet.type === VICI.response;
    const isAboutIt = packet.type === VICI.event && this.#associations.hear(packet);
    this.#isKnown ||= isAnswer;
    if (this.#isKnown && (isAnswer || isAboutIt)) this.#say(packet.name);
  }

  #say(event: string): void {
    const { connection = 'any connection', child, state } = this.#wanted;
    const { count } = this.#associations;
    const what = child === undefined ? `${connection}: IKE_SA` : `${connection}: CHILD_SA ${child}`;
    this.#tell({
      active: count > 0 === (state === 'up'),
      detail: `${what} is ${count > 0 ? 'up' : 'down'}${event && ` (${event})`}`,
    });
  }

  close(): void {
    this.#stream.close();
  }
}

/** An IKE_SA or CHILD_SA of strongSwan comes up or goes down, by the events of vici. */
export const ike: WatchKind<typeof parameters> = {
  name: 'ike',
  description: 'an IKE_SA or CHILD_SA of strongSwan goes down, or comes up, by what charon tells (vici)',
  parameters,
  phase: 'detect',
  isTimedBy: ({ state }, { protocol }) => state === 'down' && protocol === 'IKE',
  resolution: () => EVENT_RESOLUTION,
  sense: (wanted, { files }) =>
    new DaemonSensor({
      daemon: `charon at ${wanted.socket}`,
      converse: (hooks) => new CharonEvents({ ...hooks, wanted, path: pathInRoot(files, wanted.socket) }),
    }),
};
