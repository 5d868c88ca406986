import type { Socket } from 'node:dgram';
import type * as z from 'zod';
import type { WatchedPhase } from '../analysis/phase.js';
import type { Bracket, Clock } from '../linux/clock.js';
import type { Lab, Node } from '../runtime/runtime.js';
import type { Kind } from '../scenario/kinds.js';
import type { Timer } from '../scenario/timers/timer.js';
import type { Duration } from '../scenario/units.js';

/** What a watch saw when it looked. */
export interface Sight {
  /** Whether what the watch looks for is so from now on. A line in a log is so for its instant. */
  active: boolean;
  /** Whether nobody can say if it is so: the daemon that would know cannot be asked. */
  unknown?: true;
  detail: string;
}

/** A change that a watch saw; a state that is active or unknown from the start counts as one. */
export interface Signal extends Sight, Bracket {}

/** An instant as a daemon gives it: CLOCK_REALTIME. */
export interface WallInstant {
  seconds: number;
  nanoseconds: number;
}

/** What a sensor saw, and when it was where the source of the news says so. */
export interface Seen extends Sight {
  at?: WallInstant;
}

/** Where a watch looks, as plain data for another thread. */
export interface WatchSite {
  node: string;
  /** Path of the node's network namespace. */
  network: string;
  /** Path to the node's files. */
  files: string;
  /** File of the node's console output. */
  console: string;
}

/** What the thread that listens to signals does for one watch. */
export interface Sensor {
  /** Descriptor that becomes readable when there is something to look at. */
  readonly descriptor: number;
  /** What is so when it is opened, where that is a matter of state. */
  readonly initial?: Sight;
  /** Looks, and says what changed. */
  read(): Seen[];
  close(): void;
}

/** Something that waits for messages in a node's network until it is closed. */
export interface Receiver {
  /** Where datagrams wait for it: they may be more than it can read, or than there is room for. */
  readonly datagrams?: Socket;
  close(): void;
}

/** What looks for a watch again and again, and keeps something from one look to the next. */
export interface Onlooker {
  look(): Promise<Sight>;
  close(): void;
}

/** Told of each message that is a signal. */
export type Tell = (sight: Sight) => void;

/** A kind of watch: it senses events, receives messages, or looks again and again. */
export interface WatchKind<S extends z.ZodRawShape = z.ZodRawShape> extends Kind {
  parameters: S;
  /** Whether what it sees is so for an instant only, as a message. */
  isMomentary?: boolean;
  /** The phase of a failover that it shows, where that does not depend on what it looks at. */
  phase?: WatchedPhase;
  /** Error that the way of watching brings along, nanoseconds. */
  resolution(parameters: z.output<z.ZodObject<S>>): Duration;
  /** Whether a timer of its node is one that it waits for, where a fault is silent. */
  isTimedBy?(parameters: z.output<z.ZodObject<S>>, timer: Timer): boolean;
  /** Opens what makes the watch event-driven. Runs in the signal thread. */
  sense?(parameters: z.output<z.ZodObject<S>>, site: WatchSite): Sensor;
  /** Waits for messages. Runs in a thread that is in the network of the watched node. */
  receive?(parameters: z.output<z.ZodObject<S>>, tell: Tell): Promise<Receiver>;
  /** Time from one look to the next, nanoseconds, where its resolution is more than that: what is looked at is coarse itself. */
  interval?(parameters: z.output<z.ZodObject<S>>): Duration;
  /** Looks once. Runs in the main thread. */
  look?(parameters: z.output<z.ZodObject<S>>, node: Node): Promise<Sight>;
  /** Opens what looks, where that keeps something, as a session. Runs in the main thread. Rejects where looking would always be in vain. */
  open?(
    parameters: z.output<z.ZodObject<S>>,
    site: { lab: Pick<Lab, 'nodes'>; clock: Clock },
  ): Promise<Onlooker>;
  /** What is wrong with parameters that fit the schema: which key, and why. */
  check?(parameters: z.output<z.ZodObject<S>>): { key: string; message: string } | undefined;
}

/** Whether a kind of watch only looks from time to time: what is so between two looks is not seen. */
export const isPolled = ({ look, open }: Pick<WatchKind, 'look' | 'open'>): boolean =>
  look !== undefined || open !== undefined;

/** How much later than the event a sensor can see it on an idle machine, nanoseconds; what a busy one adds is measured. */
export const EVENT_RESOLUTION = 500e3;

/** How often a thread that receives messages comes round to its sockets at least, nanoseconds. */
export const ROUND = 1e6;

/** How much earlier than it was handled a message may have arrived, on an idle machine, nanoseconds. */
export const RECEIVED = 4 * ROUND;
