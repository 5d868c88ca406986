import * as z from 'zod';
import type { Instant } from '../linux/clock.js';
import { Destination, openUdp } from '../linux/datagrams.js';
import { close, errorName } from '../linux/libc.js';
import { Memory } from '../linux/memory.js';
import { insideNetwork } from '../linux/namespaces.js';
import { positiveDuration } from '../scenario/units.js';
import { endsShape } from './ends.js';
import { HEADER, isIntact, isOurs, numberOf, streamOf, writePacket } from './packet.js';
import { portsOf } from './ports.js';
import type {
  Instrument,
  InstrumentContext,
  ProbeData,
  ProbeKind,
  ProbeSetup,
  Stream,
  Way,
} from './probe.js';
import { StreamLog } from './stream-log.js';

const parameters = {
  ...endsShape({ from: 'that sends', to: 'that receives', address: 'send to' }),
  flows: z.int().min(1).max(200).default(4).meta({ description: 'number of flows, each with its own ports' }),
  interval: positiveDuration
    .refine((nanoseconds) => nanoseconds >= 1e6, 'expected an interval of at least 1ms')
    .prefault('10ms')
    .meta({ description: 'time between two packets of one flow, at least 1ms' }),
  'both-ways': z.boolean().default(false).meta({ description: 'send from `to` to `from` as well' }),
  size: z.int().min(HEADER).max(1400).default(64).meta({ description: 'bytes of UDP payload' }),
  dscp: z.int().min(0).max(63).default(0).meta({ description: 'mark of the class of service (DiffServ)' }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

/** Moments of an interval over which a probe's flows are spread, and the shortest time between two: each costs a wake-up. */
const PHASES = 4;
const SHORTEST_PHASE = 250e3;

/**
 * How often received packets are read, nanoseconds. They carry the kernel's timestamp, so reading late costs nothing, while waking for each
 * packet would cost more than all the rest.
 */
const READ = 5e6;

const waysOf = (parameters: Parameters): readonly Way[] =>
  parameters['both-ways'] ? ['there', 'back'] : ['there'];

interface Sender extends Stream {
  log: StreamLog;
  socket: number;
  destination: Destination;
}

/** Sends numbered packets of several flows, and receives them. */
export class UdpInstrument implements Instrument {
  readonly streams: readonly Sender[];
  readonly #setup: ProbeSetup<Parameters>;
  readonly #context: InstrumentContext;
  readonly #packet = new Memory(4096);
  /** Streams that are due together, with the number of their next packet. */
  readonly #groups: { due: Instant; streams: number[] }[];
  readonly #sockets: number[] = [];
  #foreign = 0;
  #readAt: Instant;
  next: Instant;

  constructor(setup: ProbeSetup<Parameters>, context: InstrumentContext) {
    this.#setup = setup;
    this.#context = context;
    const { parameters, from, to, index } = setup;
    const { flows, interval } = parameters;
    const ports = portsOf(index);
    const any = to.address.includes(':') ? '::' : '0.0.0.0';
    const open = (address: string, port: number) => {
      const socket = openUdp(address, port, parameters.dscp);
      this.#sockets.push(socket);
      return socket;
    };
    let clients: number[];
    let server: number;
    try {
      clients = insideNetwork(from.network, () =>
        Array.from({ length: flows }, (_, flow) => open(any, ports.client(flow))),
      );
      server = insideNetwork(to.network, () => open(to.address, ports.server));
    } catch (error) {
      // They outlive this thread.
      this.close();
      throw error;
    }
    const phases = Math.max(1, Math.min(PHASES, Math.floor(interval / SHORTEST_PHASE)));
    this.streams = clients.flatMap((client, flow) =>
      waysOf(parameters).map((way): Sender => {
        const stream = flow * waysOf(parameters).length + (way === 'back' ? 1 : 0);
        const start = setup.start + Math.floor(((stream % phases) * interval) / phases);
        const destination = new Destination();
        if (way === 'there') destination.set(to.address, ports.server);
        return {
          flow,
          way,
          start,
          log: new StreamLog(stream),
          socket: way === 'there' ? client : server,
          destination,
        };
      }),
    );
    const byStart = new Map<Instant, number[]>();
    for (const [stream, { start }] of this.streams.entries()) {
      byStart.set(start, [...(byStart.get(start) ?? []), stream]);
    }
    this.#groups = [...byStart].map(([due, streams]) => ({ due, streams }));
    this.next = setup.start;
    this.#readAt = setup.start;
  }

  run(now: Instant): void {
    const { interval } = this.#setup.parameters;
    if (now >= this.#readAt) {
      for (const socket of this.#sockets) this.#receive(socket);
      this.#readAt = now + READ;
    }
    let next = this.#readAt;
    for (const group of this.#groups) {
      while (group.due <= now) {
        for (const stream of group.streams) this.#send(stream, group.due);
        group.due += interval;
      }
      if (group.due < next) next = group.due;
    }
    this.next = next;
  }

  #send(stream: number, due: Instant): void {
    const { log, socket, destination } = this.streams[stream]!;
    if (!destination.known) {
      log.sent(0, 'no-peer');
      return;
    }
    const { tag, index, parameters } = this.#setup;
    writePacket(
      this.#packet.view,
      0,
      parameters.size,
      { tag, probe: index, stream, connection: 0 },
      log.next,
    );
    const late = this.#context.now() - due;
    const error = destination.send(socket, this.#packet.address, parameters.size);
    log.sent(late, error === 0 ? undefined : errorName(error));
  }

  #receive(socket: number): void {
    const { datagrams } = this.#context;
    const { packets, sources } = datagrams;
    const { tag, index, parameters } = this.#setup;
    datagrams.drain(socket, ({ offset, length, at, source, sourceLength }) => {
      if (!isOurs(packets, offset, length, tag, index)) {
        this.#foreign++;
        return;
      }
      const stream = this.streams[streamOf(packets, offset)];
      if (!stream) return;
      const number = numberOf(packets, offset);
      if (!isIntact(packets, offset, length)) {
        stream.log.corrupted(number);
        return;
      }
      stream.log.received(number, at - (stream.start + number * parameters.interval));
      // The way back goes to where the way there came from: an address translator on the way may have changed that.
      if (stream.way === 'there' && parameters['both-ways']) {
        this.streams[stream.flow * 2 + 1]!.destination.copy(sources, source, sourceLength);
      }
    });
  }

  take(): ProbeData {
    for (const socket of this.#sockets) this.#receive(socket);
    const foreign = this.#foreign;
    this.#foreign = 0;
    return {
      streams: this.streams.flatMap(({ log }) => log.take()),
      sessions: [],
      foreign,
      dropped: this.#sockets.reduce((sum, socket) => sum + this.#context.datagrams.droppedAt(socket), 0),
    };
  }

  close(): void {
    for (const socket of this.#sockets) close(socket);
  }
}

/** Numbered UDP packets at a fixed interval: loss, delay, order, duplicates and damage, each flow and direction apart. */
export const udp: ProbeKind<typeof parameters> = {
  name: 'udp',
  description: 'numbered UDP packets at a fixed interval in several flows, one way or both',
  parameters,
  families: ['packets', 'one-way', 'marked'],
  interval: ({ interval }) => interval,
  streams: (parameters) => ({ flows: parameters.flows, ways: waysOf(parameters) }),
  open: (setup, context) => new UdpInstrument(setup, context),
};
