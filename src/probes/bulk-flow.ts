import type { Instant } from '../linux/clock.js';
import { close, SystemError } from '../linux/libc.js';
import { Memory } from '../linux/memory.js';
import { insideNetwork } from '../linux/namespaces.js';
import { connectionName, connectTcp, writeTcp } from '../linux/tcp.js';
import {
  discardTcp,
  limitUnsent,
  paceTo,
  SenderInfo,
  setUserTimeout,
  widenBuffers,
} from '../linux/tcp-bulk.js';
import type { BulkParameters } from './bulk.js';
import { HEADER, writePacket } from './packet.js';
import { portsOf } from './ports.js';
import type { ProbeSetup, SessionEvent, Stream, Way } from './probe.js';
import { TransferLog } from './transfer-log.js';

/** How long a connection may take to come about, and the pause before the next try, nanoseconds. */
const CONNECT_TIMEOUT = 1e9;
const RETRY = 100e6;

/**
 * How much of what this thread was late with is made up for, as time at the rate, nanoseconds. A trial in which it was later is not valid. As
 * much may wait in a connection that cannot send.
 */
const BURST = 250e6;

/** Data is offered in whole segments of Ethernet, so that small packets leave as from a sender on a line of its rate. */
const SEGMENT = 1448;

/** The most that is offered to a connection at once, bytes. */
const CHUNK = 1 << 20;

const info = new SenderInfo();
const data = new Memory(CHUNK);

const burstOf = ({ rate }: BulkParameters) => Math.max(2 * SEGMENT, (rate / 8e9) * BURST);

/** Sets what a sending socket of a bulk transfer needs. */
export function prepareSender(descriptor: number, parameters: BulkParameters): void {
  // What was made up for leaves no faster than this.
  paceTo(descriptor, 2 * parameters.rate);
  // What cannot leave must not pile up, and leave in large bursts ever after.
  limitUnsent(descriptor, Math.round(burstOf(parameters)));
  setUserTimeout(descriptor, parameters.timeout);
}

/** One stream of data: a connection that `from` makes again and again, and its end at `to` once that is known there. */
export class BulkFlow implements Stream {
  readonly flow: number;
  readonly way: Way;
  readonly start: Instant;
  readonly log: TransferLog;
  readonly #number: number;
  readonly #setup: ProbeSetup<BulkParameters>;
  #events: SessionEvent[] = [];
  /** Number of the connection that it has now or had last. */
  #connection = 0;
  #client: number | undefined;
  #server: number | undefined;
  /** Whether the client is connected and has said what for. */
  #connected = false;
  /** When to give up connecting, or to try again. */
  #deadline: Instant;
  /** When the client received something last, or was connected. */
  #heard: Instant;
  /** Bytes that it may send now, as of when. */
  #credit = 0;
  #creditAt: Instant;

  /** @param options.number of all streams of the probe */
  constructor(options: { setup: ProbeSetup<BulkParameters>; flow: number; way: Way; number: number }) {
    const { setup, flow, way, number } = options;
    this.#setup = setup;
    this.#number = number;
    this.flow = flow;
    this.way = way;
    this.start = setup.start;
    this.#deadline = setup.start;
    this.#heard = setup.start;
    this.#creditAt = setup.start;
    this.log = new TransferLog(number, setup.start);
  }

  /** Takes what has arrived, fills what has room, connects what is not connected. */
  run(now: Instant): void {
    try {
      if (this.#client === undefined) this.#connect(now);
      else if (!this.#connected) this.#greet(now);
      this.#earn(now);
      if (this.#connected) this.#runClient(now);
    } catch (error) {
      this.#lose(codeOf(error), now);
    }
    try {
      this.#runServer();
    } catch (error) {
      // The client hears of it from its own end, or not at all.
      codeOf(error);
      this.#closeServer();
    }
  }

  #connect(now: Instant): void {
    if (now < this.#deadline) return;
    const { from, to, index, parameters } = this.#setup;
    const descriptor = insideNetwork(from.network, () =>
      connectTcp(to.address, portsOf(index).server, (socket) => {
        widenBuffers(socket);
        prepareSender(socket, parameters);
      }),
    );
    if (typeof descriptor === 'string') {
      this.#deadline = now + RETRY;
      this.#tell('refused', descriptor, now);
      return;
    }
    this.#client = descriptor;
    this.#deadline = now + CONNECT_TIMEOUT;
  }

  /** Says what the connection is for, as soon as there is one; a new one has room for all of it. */
  #greet(now: Instant): void {
    const { tag, index } = this.#setup;
    const identity = { tag, probe: index, stream: this.#number, connection: this.#connection + 1 };
    writePacket(data.view, 0, HEADER, identity, 0);
    if (writeTcp(this.#client!, data.address, HEADER) > 0) {
      this.#connected = true;
      this.#credit = 0;
      this.#connection++;
      this.#heard = now;
      this.#tell('connected', connectionName(this.#client!), now);
    } else if (now >= this.#deadline) this.#lose('timeout', now);
  }

  /** What it may send grows with time. */
  #earn(now: Instant): void {
    const { parameters } = this.#setup;
    const earned = (parameters.rate / 8e9) * (now - this.#creditAt);
    this.#credit = Math.min(this.#credit + earned, burstOf(parameters));
    this.#creditAt = now;
  }

  /** Offers a connection what it may send, as far as it takes it. */
  #send(descriptor: number): void {
    while (this.#credit >= SEGMENT) {
      const size = Math.min(Math.floor(this.#credit / SEGMENT) * SEGMENT, CHUNK);
      const written = writeTcp(descriptor, data.address, size);
      this.#credit -= written;
      if (written < size) {
        // What the connection does not take is not sent later.
        this.#credit = 0;
        return;
      }
    }
  }

  #runClient(now: Instant): void {
    if (this.way === 'there') {
      this.#send(this.#client!);
      return;
    }
    const bytes = discardTcp(this.#client!);
    if (bytes > 0) {
      this.log.received(bytes);
      this.#heard = now;
    } else if (bytes === 0) this.#lose('closed by the other end', now);
    else if (now - this.#heard > this.#setup.parameters.timeout) this.#lose('no data', now);
  }

  #runServer(): void {
    if (this.#server === undefined) return;
    if (this.way === 'back') {
      this.#send(this.#server);
      return;
    }
    const bytes = discardTcp(this.#server);
    if (bytes > 0) this.log.received(bytes);
    else if (bytes === 0) this.#closeServer();
  }

  /** The other end of its connection has arrived; false where the connection is not its own or no more. */
  serve(descriptor: number, connection: number): boolean {
    if (connection !== this.#connection) return false;
    this.#closeServer();
    this.#server = descriptor;
    if (this.way === 'back') this.#credit = 0;
    return true;
  }

  get #sender(): number | undefined {
    return this.way === 'there' ? this.#client : this.#server;
  }

  /** Notes what the sender's TCP did since the last time. */
  look(): void {
    if (this.#sender !== undefined) this.log.sender(info.read(this.#sender));
  }

  #tell(what: SessionEvent['what'], detail: string, at: Instant): void {
    this.#events.push({ session: this.#number, connection: this.#connection, what, at, detail });
  }

  #lose(why: string, now: Instant): void {
    this.#tell(this.#connected ? 'broken' : 'refused', why, now);
    this.#closeClient();
    this.#deadline = now + RETRY;
  }

  #closeClient(): void {
    if (this.#client === undefined) return;
    if (this.way === 'there') this.#finish();
    close(this.#client);
    this.#client = undefined;
    this.#connected = false;
  }

  #closeServer(): void {
    if (this.#server === undefined) return;
    if (this.way === 'back') this.#finish();
    close(this.#server);
    this.#server = undefined;
  }

  /** What the sender did last counts, and the next one counts from zero. */
  #finish(): void {
    this.look();
    this.log.disconnected();
  }

  /** What happened to its connections since the last call. */
  takeEvents(): SessionEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  close(): void {
    this.#closeClient();
    this.#closeServer();
  }
}

/** The name of a system's error; any other is thrown on. */
function codeOf(error: unknown): string {
  if (error instanceof SystemError) return error.code;
  throw error;
}
