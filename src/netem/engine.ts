import type { Bracket, Clock, Instant } from '../linux/clock.js';
import type { Impairment } from './impairment.js';
import type { Match } from './match.js';
import type { Counters } from './stage.js';

/** Packets to impair: what an interface of a network namespace sends. */
export interface Egress {
  /** Path of the namespace: /proc/PID/ns/net or a descriptor of it. */
  network: string;
  index: number;
}

/** An impairment that somebody will want. */
export interface Wish {
  impairment: Impairment;
  /** Packets that it is for; all where there is none. */
  matches: readonly Match[];
  /** Whether there are other wishes for the same packets. */
  isShared?: boolean;
}

/** What an engine is started with. */
export interface EngineOptions {
  clock: Clock;
  /** For all that is drawn at random, where the engine lets itself be told. */
  seed: number;
  /** Told how late packets were sent. */
  late: (lateness: Lateness) => void;
  /** Told when the engine ended by itself. */
  fail: (error: Error) => void;
}

/** How late an engine sent what was due, of the packets since the last word. */
export interface Lateness {
  at: Instant;
  packets: number;
  /** Nanoseconds. */
  worst: number;
}

/** A way to impair packets. */
export interface EngineKind {
  name: string;
  description: string;
  /** Whether this machine has what it takes. */
  isHere(): Promise<boolean>;
  /** What of a wish it cannot do exactly as it is meant, as a sentence; nothing where it can do all. */
  refuses(wish: Wish): string | undefined;
  start(options: EngineOptions): Promise<NetemEngine>;
}

/** Impairs packets, by the kernel's netem or without. */
export interface NetemEngine extends AsyncDisposable {
  /**
   * Makes ready to impair what fits one of some matches, or everything, in a way that loses nothing; call it before anything is measured.
   * @param options.force where tc finds a discipline of somebody's own, to take its place, instead of an error; it is not put back
   */
  attach(options: { egress: Egress; matches?: readonly Match[]; force?: boolean }): Promise<Attachment>;
}

/** A way of packets that can be impaired. */
export interface Attachment {
  /** Puts an impairment in force under a name, or changes it; several add up. The bracket holds the instant. */
  set(name: string, impairment: Impairment): Promise<Bracket>;
  /** Takes an impairment away; one that is not there is no error. What waits keeps its time. */
  clear(name: string): Promise<Bracket>;
  /** What an impairment did since it was put in force. */
  counters(name: string): Promise<Counters>;
}
