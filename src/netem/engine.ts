import type { Bracket } from '../linux/clock.js';
import type { Impairment } from './impairment.js';
import type { Match } from './match.js';
import type { Counters } from './stage.js';

/** Packets to impair: what an interface of a network namespace sends. */
export interface Egress {
  /** Path of the namespace: /proc/PID/ns/net or a descriptor of it. */
  network: string;
  index: number;
}

/** Impairs packets, by the kernel's netem or without. */
export interface NetemEngine extends AsyncDisposable {
  readonly name: string;
  /** What of an impairment it cannot do exactly as it is meant, as a sentence; nothing where it can do all. */
  refuses(impairment: Impairment): string | undefined;
  /** Makes ready to impair what fits one of some matches, or everything, in a way that loses nothing; call it before anything is measured. */
  attach(options: { egress: Egress; matches?: readonly Match[] }): Promise<Attachment>;
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
