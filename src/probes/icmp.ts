import * as z from 'zod';
import type { Instant } from '../linux/clock.js';
import { Destination } from '../linux/datagrams.js';
import { ECHO_HEADER, echoData, openEcho, writeEcho } from '../linux/icmp.js';
import { close, errorName } from '../linux/libc.js';
import { Memory } from '../linux/memory.js';
import { insideNetwork } from '../linux/namespaces.js';
import { positiveDuration } from '../scenario/units.js';
import { endsShape } from './ends.js';
import { HEADER, isIntact, isOurs, numberOf, streamOf, writePacket } from './packet.js';
import type { Instrument, InstrumentContext, ProbeData, ProbeKind, ProbeSetup, Stream } from './probe.js';
import { StreamLog } from './stream-log.js';

const parameters = {
  ...endsShape({ from: 'that asks', to: 'whose kernel answers', address: 'ask' }),
  flows: z
    .int()
    .min(1)
    .max(200)
    .default(1)
    .meta({ description: 'number of flows, each with its own identifier' }),
  interval: positiveDuration
    .refine((nanoseconds) => nanoseconds >= 1e6, 'expected an interval of at least 1ms')
    .prefault('20ms')
    .meta({ description: 'time between two requests of one flow, at least 1ms' }),
  size: z.int().min(HEADER).max(1400).default(56).meta({ description: 'bytes of data of a request' }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

/** How often replies are read, nanoseconds: they carry the kernel's timestamp, so reading late costs nothing. */
const READ = 5e6;

interface Flow extends Stream {
  log: StreamLog;
  due: Instant;
}

class IcmpInstrument implements Instrument {
  readonly streams: readonly Flow[];
  readonly #setup: ProbeSetup<Parameters>;
  readonly #context: InstrumentContext;
  readonly #packet = new Memory(4096);
  readonly #data: DataView;
  readonly #socket: number;
  readonly #destination = new Destination();
  #readAt: Instant;
  next: Instant;

  constructor(setup: ProbeSetup<Parameters>, context: InstrumentContext) {
    this.#setup = setup;
    this.#context = context;
    const { parameters, from, to, start } = setup;
    const { flows, interval } = parameters;
    this.#socket = insideNetwork(from.network, () => openEcho(to.address));
    this.#destination.set(to.address, 0);
    this.#data = new DataView(this.#packet.bytes.buffer);
    this.streams = Array.from({ length: flows }, (_, flow) => {
      const own = start + Math.floor((flow * interval) / flows);
      return { flow, way: 'round-trip', start: own, due: own, log: new StreamLog(flow) };
    });
    this.next = start;
    this.#readAt = start;
  }

  run(now: Instant): void {
    const { interval } = this.#setup.parameters;
    if (now >= this.#readAt) {
      this.#receive();
      this.#readAt = now + READ;
    }
    this.next = this.#readAt;
    for (const flow of this.streams) {
      for (; flow.due <= now; flow.due += interval) this.#send(flow);
      this.next = Math.min(this.next, flow.due);
    }
  }

  #send({ flow, due, log }: Flow): void {
    const { tag, index, parameters, to } = this.#setup;
    const { size } = parameters;
    const identity = { tag, probe: index, stream: flow, connection: 0 };
    writePacket(this.#data, ECHO_HEADER, size, identity, log.next);
    const identifier = ((index << 8) | flow) & 0xffff;
    writeEcho(this.#data, { address: to.address, size, identifier, sequence: log.next });
    const late = this.#context.now() - due;
    const error = this.#destination.send(this.#socket, this.#packet.address, ECHO_HEADER + size);
    log.sent(late, error === 0 ? undefined : errorName(error));
  }

  #receive(): void {
    const { datagrams } = this.#context;
    const { packets } = datagrams;
    const { tag, index, parameters, to } = this.#setup;
    datagrams.drain(this.#socket, ({ offset, length, at }) => {
      const start = echoData(packets, offset, to.address);
      const size = length - (start - offset);
      // A raw socket gets the replies to everybody in its node.
      if (!isOurs(packets, start, size, tag, index)) return;
      const flow = this.streams[streamOf(packets, start)];
      if (!flow) return;
      const number = numberOf(packets, start);
      if (isIntact(packets, start, size))
        flow.log.received(number, at - (flow.start + number * parameters.interval));
      else flow.log.corrupted(number);
    });
  }

  take(): ProbeData {
    this.#receive();
    return {
      streams: this.streams.flatMap(({ log }) => log.take()),
      sessions: [],
      foreign: 0,
      dropped: this.#context.datagrams.droppedAt(this.#socket),
    };
  }

  close(): void {
    close(this.#socket);
  }
}

/** Numbered echo requests, answered by the kernel of any node: also of one that nothing can be started in. */
export const icmp: ProbeKind<typeof parameters> = {
  name: 'icmp',
  description: 'numbered echo requests (ping), answered by the kernel of the node that they go to',
  parameters,
  families: ['packets', 'round-trip', 'marked'],
  interval: ({ interval }) => interval,
  streams: ({ flows }) => ({ flows, ways: ['round-trip'] }),
  open: (setup, context) => new IcmpInstrument(setup, context),
};
