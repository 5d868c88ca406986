import * as z from 'zod';
import type { Instant } from '../linux/clock.js';
import { close, SystemError } from '../linux/libc.js';
import { insideNetwork } from '../linux/namespaces.js';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../linux/poller.js';
import { acceptTcp, connectionName, connectTcp, listenTcp, socketError } from '../linux/tcp.js';
import { positiveDuration } from '../scenario/units.js';
import { endsShape } from './ends.js';
import { connectionOf, HEADER, isIntact, isOurs, markOf, numberOf, streamOf, writePacket } from './packet.js';
import { portsOf } from './ports.js';
import type {
  Instrument,
  InstrumentContext,
  ProbeData,
  ProbeKind,
  ProbeSetup,
  SessionEvent,
  Stream,
} from './probe.js';
import { RecordStream } from './record-stream.js';
import { StreamLog } from './stream-log.js';

const parameters = {
  ...endsShape({ from: 'that connects', to: 'that answers', address: 'connect to' }),
  sessions: z.int().min(1).max(200).default(4).meta({ description: 'number of connections that stay open' }),
  interval: positiveDuration
    .refine((nanoseconds) => nanoseconds >= 1e6, 'expected an interval of at least 1ms')
    .prefault('20ms')
    .meta({ description: 'time between two records of one session, at least 1ms' }),
  size: z.int().min(HEADER).max(16_384).default(256).meta({ description: 'bytes of a record' }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

/** How long a connection may take to come about, and the pause before the next try, nanoseconds. */
const CONNECT_TIMEOUT = 1e9;
const RETRY = 100e6;

/** Records that may wait in a session: with a default interval, twenty seconds of them. */
const BACKLOG = 1024;

/** What two sides of a session log: records on their way there, and their echoes. */
interface Session {
  there: StreamLog;
  back: StreamLog;
  start: Instant;
  /** Number of the connection that it has now or had last. */
  connection: number;
  stream?: RecordStream | undefined;
  connected: boolean;
  /** When to give up connecting, or to try again. */
  deadline: Instant;
  due: Instant;
}

class TcpInstrument implements Instrument {
  readonly streams: readonly Stream[];
  readonly #setup: ProbeSetup<Parameters>;
  readonly #context: InstrumentContext;
  readonly #sessions: Session[];
  readonly #listener: number;
  readonly #accepted = new Set<RecordStream>();
  /** Connections that carry what is not this probe's; each is counted once, however much that is. */
  readonly #foreigners = new WeakSet<RecordStream>();
  readonly #mark: Uint8Array;
  #events: SessionEvent[] = [];
  #foreign = 0;
  next: Instant;

  constructor(setup: ProbeSetup<Parameters>, context: InstrumentContext) {
    this.#setup = setup;
    this.#context = context;
    this.#mark = markOf(setup.tag);
    const { parameters, to, index, start } = setup;
    const { sessions, interval } = parameters;
    const any = to.address.includes(':') ? '::' : '0.0.0.0';
    this.#listener = insideNetwork(to.network, () => listenTcp(any, portsOf(index).server));
    context.poller.add(this.#listener, POLLIN, () => this.#accept());
    this.#sessions = Array.from({ length: sessions }, (_, session) => {
      const own = start + Math.floor((session * interval) / sessions);
      const logs = { there: new StreamLog(2 * session), back: new StreamLog(2 * session + 1) };
      return { ...logs, start: own, due: own, connection: 0, connected: false, deadline: 0 };
    });
    this.streams = this.#sessions.flatMap(({ start }, flow) => [
      { flow, way: 'there' as const, start },
      { flow, way: 'back' as const, start },
    ]);
    this.next = start;
  }

  run(now: Instant): void {
    const { interval } = this.#setup.parameters;
    let next = Number.POSITIVE_INFINITY;
    for (const [number, session] of this.#sessions.entries()) {
      if (!session.connected && session.deadline <= now) this.#connect(number, now);
      while (session.due <= now) {
        this.#write(number, session.due);
        session.due += interval;
      }
      next = Math.min(next, session.due);
    }
    this.next = next;
  }

  #connect(number: number, now: Instant): void {
    const session = this.#sessions[number]!;
    if (session.stream) this.#drop(session);
    const { to, index, parameters } = this.#setup;
    const descriptor = insideNetwork(this.#setup.from.network, () =>
      connectTcp(to.address, portsOf(index).server),
    );
    if (typeof descriptor === 'string') {
      session.deadline = now + RETRY;
      this.#event(number, 'refused', descriptor);
      return;
    }
    session.stream = new RecordStream({ descriptor, size: parameters.size, backlog: BACKLOG });
    session.deadline = now + CONNECT_TIMEOUT;
    this.#context.poller.add(descriptor, POLLIN | POLLOUT, (events) => this.#act(number, events));
  }

  #event(session: number, what: SessionEvent['what'], detail: string): void {
    const { connection } = this.#sessions[session]!;
    this.#events.push({ session, connection, what, at: this.#context.now(), detail });
  }

  #drop(session: Session): void {
    const { descriptor } = session.stream!;
    this.#context.poller.remove(descriptor);
    close(descriptor);
    session.stream = undefined;
    session.connected = false;
  }

  #lose(number: number, why: string): void {
    const session = this.#sessions[number]!;
    this.#event(number, session.connected ? 'broken' : 'refused', why);
    this.#drop(session);
    session.deadline = this.#context.now() + RETRY;
  }

  #act(number: number, events: number): void {
    const session = this.#sessions[number]!;
    const stream = session.stream;
    if (!stream) return;
    try {
      if (!session.connected && events & (POLLOUT | POLLERR | POLLHUP)) {
        const error = socketError(stream.descriptor);
        if (error !== undefined) {
          this.#lose(number, error);
          return;
        }
        session.connected = true;
        session.connection++;
        this.#event(number, 'connected', connectionName(stream.descriptor));
      }
      if (!stream.read(this.#context.streams, (record, at) => this.#take(record, at, 'back', stream))) {
        this.#lose(number, 'closed by the other end');
        return;
      }
      if (session.connected) this.#flush(stream);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#lose(number, error.code);
    }
  }

  /** Writes what waits, and asks to be told when there is room where not all of it fits. */
  #flush(stream: RecordStream): void {
    this.#context.poller.change(stream.descriptor, stream.flush() ? POLLIN : POLLIN | POLLOUT);
  }

  #write(number: number, due: Instant): void {
    const session = this.#sessions[number]!;
    const { stream, there, connection } = session;
    const { tag, index, parameters } = this.#setup;
    const late = this.#context.now() - due;
    if (!stream || !session.connected) {
      there.sent(late, 'not-connected');
      return;
    }
    const identity = { tag, probe: index, stream: 2 * number, connection };
    const queued = stream.queue((view, at) => writePacket(view, at, parameters.size, identity, there.next));
    there.sent(late, queued ? undefined : 'backlog-full');
    try {
      this.#flush(stream);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#lose(number, error.code);
    }
  }

  #accept(): void {
    for (
      let descriptor = acceptTcp(this.#listener);
      descriptor !== undefined;
      descriptor = acceptTcp(this.#listener)
    ) {
      const { size } = this.#setup.parameters;
      const stream = new RecordStream({ descriptor, size, backlog: BACKLOG });
      this.#accepted.add(stream);
      this.#context.poller.add(descriptor, POLLIN, () => this.#serve(stream));
    }
  }

  #serve(stream: RecordStream): void {
    try {
      const isOpen = stream.read(this.#context.streams, (record, at) => {
        if (!this.#take(record, at, 'there', stream)) return;
        stream.queue((view, position) => {
          for (let byte = 0; byte < record.byteLength; byte++)
            view.setUint8(position + byte, record.getUint8(byte));
        });
      });
      // Another program's greeting may be shorter than a record.
      if (!stream.rest.every((byte, at) => at >= this.#mark.length || byte === this.#mark[at]))
        this.#countForeign(stream);
      if (isOpen) this.#flush(stream);
      else this.#hangUp(stream);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#hangUp(stream);
    }
  }

  #hangUp(stream: RecordStream): void {
    this.#context.poller.remove(stream.descriptor);
    close(stream.descriptor);
    this.#accepted.delete(stream);
  }

  /** Logs a record that arrived; false for one that is not this probe's. */
  #take(record: DataView, at: Instant, way: 'there' | 'back', stream: RecordStream): boolean {
    const { tag, index, parameters } = this.#setup;
    if (!isOurs(record, 0, record.byteLength, tag, index)) {
      this.#countForeign(stream);
      return false;
    }
    const number = streamOf(record, 0) / 2;
    const session = this.#sessions[number];
    if (!session || connectionOf(record, 0) !== session.connection) return false;
    if (!isIntact(record, 0, record.byteLength))
      this.#event(number, 'corrupted', `record ${numberOf(record, 0)}`);
    session[way].received(
      numberOf(record, 0),
      at - (session.start + numberOf(record, 0) * parameters.interval),
    );
    return true;
  }

  #countForeign(stream: RecordStream): void {
    if (this.#foreigners.has(stream)) return;
    this.#foreigners.add(stream);
    this.#foreign++;
  }

  take(): ProbeData {
    const data = {
      streams: this.#sessions.flatMap(({ there, back }) => [...there.take(), ...back.take()]),
      sessions: this.#events,
      foreign: this.#foreign,
      dropped: 0,
    };
    this.#events = [];
    this.#foreign = 0;
    return data;
  }

  close(): void {
    for (const session of this.#sessions) if (session.stream) this.#drop(session);
    for (const stream of this.#accepted) this.#hangUp(stream);
    this.#context.poller.remove(this.#listener);
    close(this.#listener);
  }
}

/** Long-lived TCP sessions that exchange numbered records: who was cut off, who stalled, for how long. */
export const tcp: ProbeKind<typeof parameters> = {
  name: 'tcp',
  description: 'long-lived TCP sessions that exchange numbered records both ways',
  parameters,
  families: ['sessions', 'marked'],
  interval: ({ interval }) => interval,
  streams: ({ sessions }) => ({ flows: sessions, ways: ['there', 'back'] }),
  open: (setup, context) => new TcpInstrument(setup, context),
};
