import type * as z from 'zod';
import type { Clock, Instant } from '../linux/clock.js';
import type { DatagramReader } from '../linux/datagrams.js';
import type { Poller } from '../linux/poller.js';
import type { TcpReader } from '../linux/tcp.js';
import type { Node } from '../runtime/runtime.js';
import type { Duration } from '../scenario/units.js';

/**
 * What a probe can be asked for: losses of numbered packets or requests, how long they take one way or there and back, lives of sessions;
 * whether its packets were seen where they should not be, by a mark in each; how a call sounded; how much was delivered, and what its
 * senders' TCP had to do for it.
 */
export type Family =
  | 'packets'
  | 'one-way'
  | 'round-trip'
  | 'sessions'
  | 'marked'
  | 'voice'
  | 'goodput'
  | 'tcp-senders';

/** Which way a stream goes: from the probe's `from` to its `to`, or back; or there and back, where each packet or request has an answer. */
export type Way = 'there' | 'back' | 'round-trip';

/** A numbered sequence that one end sends on schedule and the other receives, or answers. */
export interface Stream {
  /** Number of the flow or session, from 0. */
  flow: number;
  way: Way;
  /** When number 0 was due. */
  start: Instant;
}

/** Where a probe starts. */
export interface ProbeStart {
  node: string;
  /** Path of the node's network namespace. */
  network: string;
  /** Path under which this process can reach its files. */
  files: string;
}

/** Where a probe goes. */
export interface ProbeEnd extends ProbeStart {
  /** Its address, to send to. */
  address: string;
}

/** What an instrument is made of. */
export interface ProbeSetup<P> {
  id: string;
  /** Position among the drill's probes: keeps ports and packets apart. */
  index: number;
  /** Tells this drill's packets from others'. */
  tag: number;
  parameters: P;
  from: ProbeStart;
  to: ProbeEnd;
  /** When to send first. */
  start: Instant;
}

/** Something that happened to a session. */
export interface SessionEvent {
  session: number;
  /** Number of its connection, from 1: a second one means that the first was lost. */
  connection: number;
  what: 'connected' | 'broken' | 'refused' | 'corrupted';
  at: Instant;
  /** Addresses and ports of the connection, or the error that ended it. */
  detail: string;
}

/** What a stream did since it was last asked. */
export interface StreamData {
  stream: number;
  /** Number of the first packet sent in this time. */
  first: number;
  /** How late each packet was sent, nanoseconds after it was due. */
  late: number[];
  /** Packets that the sender's own system refused, and requests that failed: first number, how many, error code or what was wrong. */
  refused: [number, number, string][];
  /** Received packets in order of arrival: first number, how many in sequence. */
  runs: [number, number][];
  /** For each received packet, nanoseconds from when it was due to when the kernel received it. */
  after: number[];
  /** Numbers of packets that arrived damaged. */
  corrupted: number[];
}

/** What a stream of a bulk transfer did since it was last asked, in bins one after the other. All lists have one figure a bin. */
export interface TransferData {
  stream: number;
  /** Start of the first bin. */
  from: Instant;
  /** Ends of the bins. */
  at: Instant[];
  /** How much earlier all of this may have been than it says, nanoseconds, where the instants are not known any better. */
  early?: number;
  /** Bytes that the receiving application got. */
  received: number[];
  /** Of the sender's TCP, where it is known: bytes transmitted, bytes and segments transmitted again. */
  sent?: number[];
  resent?: number[];
  retransmissions?: number[];
  /** Smoothed round-trip time at the end of each bin, nanoseconds; 0 where there is none. */
  rtt?: number[];
}

/** What an instrument did since it was last asked. */
export interface ProbeData {
  streams: StreamData[];
  transfers?: TransferData[];
  sessions: SessionEvent[];
  /** Packets at the probe's ports that were not its own; of TCP, connections that carried such. */
  foreign: number;
  /** Packets that this machine's kernel dropped before the probe could read them; since the start. */
  dropped: number;
}

/** The acting part of a probe: lives in the probe worker's loop. */
export interface Instrument {
  readonly streams: readonly Stream[];
  /** When it wants to run next. */
  readonly next: Instant;
  run(now: Instant): void;
  take(): ProbeData;
  close(): void;
}

/** One client of a service. Runs in a thread that is in the network of the node that asks. */
export interface Requester {
  /**
   * Makes one request. Resolves when its answer is complete and as it should be; rejects with what was wrong, and when the signal says that
   * its time is over.
   * @param tell when the answer was complete, where that is known better than by now
   */
  ask(signal: AbortSignal, tell: (at: Instant) => void): Promise<void>;
  close(): void;
}

/** A probe that runs programs in nodes, from the main thread. */
export interface HostedProbe {
  readonly streams: readonly Stream[];
  /** What it saw since the last call. */
  take(): ProbeData;
  /** Ends it; what it saw can be taken afterwards. */
  end(): Promise<void>;
}

/** A kind of probe: it has an instrument, a thread of its own, or programs that it runs in nodes. */
export interface ProbeKind<S extends z.ZodRawShape = z.ZodRawShape> {
  name: string;
  description: string;
  /** Its keys in a scenario, `kind` left out. */
  parameters: S;
  families: readonly Family[];
  /** What is wrong with the parameters together, and at which key. */
  check?(parameters: z.output<z.ZodObject<S>>): { key: string; message: string } | undefined;
  /** Time between two packets of one flow, or two records of one session. */
  interval(parameters: z.output<z.ZodObject<S>>): Duration;
  /** Flows or sessions, each with how many streams. */
  streams(parameters: z.output<z.ZodObject<S>>): { flows: number; ways: readonly Way[] };
  /** Opens an instrument in the loop of the probe worker. */
  open?(setup: ProbeSetup<z.output<z.ZodObject<S>>>, context: InstrumentContext): Instrument;
  /** Module of the thread that each probe of the kind has to itself, as a path under src/; it takes `OwnThreadData`. */
  thread?: string;
  /** Starts a probe that runs programs in its nodes. @throws Error where they cannot be run there */
  host?(
    setup: ProbeSetup<z.output<z.ZodObject<S>>>,
    nodes: { from: Node; to: Node },
    clock: Clock,
  ): HostedProbe | Promise<HostedProbe>;
  /** Makes a client in the thread of requests, for services that Node.js speaks to. */
  client?(setup: ProbeSetup<z.output<z.ZodObject<S>>>): Requester;
}

/** What the worker lends to its instruments. */
export interface InstrumentContext {
  poller: Poller;
  now(): Instant;

  datagrams: DatagramReader;
  streams: TcpReader;
}
