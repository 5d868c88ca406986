import type { WatchedPhase } from '../analysis/phase.js';
import type { Anchor, Bracket, Instant } from '../linux/clock.js';
import type { Family, SessionEvent, Stream, StreamData, TransferData } from '../probes/probe.js';
import type { Scenario } from '../scenario/schema.js';
import type { Health } from '../taps/health.js';
import type { Standstills } from '../taps/standstill-worker.js';
import type { Signal } from '../watches/watch.js';

/** Version of this format: raised when an older reader would misread it. */
export const RECORDING_VERSION = 1;

/** A file that the drill depends on, as it was. */
export interface FileFact {
  /** As the scenario or topology names it. */
  path: string;
  sha256: string;
}

/** Where the drill ran. */
export interface Environment {
  faildrill: string;
  node: string;
  kernel: string;
  distribution: string;
  cpu: string;
  cpus: number;
  memoryBytes: number;
  /** 1, 5 and 15 minutes, at the start. */
  load: number[];
  virtualization: string;
  /** Versions of the programs that the lab's nodes use. */
  programs: Record<string, string>;
  /** What the instrument's own error was, where this machine was calibrated. */
  calibration?: Calibration;
}

/** How wrong the measured lengths of known outages were; nanoseconds. */
export interface Calibration {
  /** When, as ISO 8601. */
  at: string;
  cuts: number;
  median: number;
  largest: number;
  /** Cuts whose true length was outside the stated bounds. */
  outside: number;
}

/** Packets of a probe in plaintext on a link, one way. */
export interface LeakEvent {
  link: string;
  direction: 'forth' | 'back';
  probe: string;
  packets: number;
  first: Instant;
  last: Instant;
  /** The beginning of the first of them, in hexadecimal. */
  excerpt: string;
}

/** What somebody attached: a text, or a file, which stays where it is. */
export type Evidence = { text: string } | { file: string; sha256: string; bytes: number };

/** What somebody said or did while a drill ran. */
export interface OperatorAct {
  /** `notice`: something is wrong. `attach`: evidence for an instruction. `abort`: stop and heal. */
  act: 'confirm' | 'notice' | 'note' | 'attach' | 'abort';
  who: string;
  by: 'terminal' | 'page';
  text?: string;
  /** When the instruction was shown that it belongs to. */
  instruction?: Instant;
  evidence?: Evidence;
}

/** What of a drill is written down, one JSON object a line. Instants are nanoseconds on the drill clock. */
export type Event =
  /** First line: what this is. */
  | {
      k: 'recording';
      version: number;
      id: string;
      anchor: Anchor;
      command: string[];
      /** Whether a whole recording ends with a seal. */
      sealed?: true;
    }
  /** The scenario: as written, as read, and what its kinds say of themselves, so that the analysis needs nothing else. */
  | {
      k: 'scenario';
      file: FileFact;
      text: string;
      scenario: Scenario;
      /** Error that each watch's way of watching brings along, nanoseconds. */
      resolutions: Record<string, number>;
      /** Watches whose signals are of an instant: there is no time in which they are active. */
      momentary?: string[];
      /** The phase of a failover that each watch shows, where it is known. */
      phases?: Record<string, WatchedPhase>;
      /** Nodes, links and processes that the faults are done to. */
      broken: string[];
    }
  | {
      k: 'topology';
      name: string;
      files: FileFact[];
      nodes: { name: string; kind: string; image: string; labels: Record<string, string> }[];
      links: {
        name: string;
        ends: { node: string; interface: string; address?: string }[];
        labels: Record<string, string>;
      }[];
    }
  | ({ k: 'environment' } & Environment)
  | ({ k: 'lab'; runtime: string } & Bracket)
  /** The probes are armed. */
  | {
      k: 'probes';
      t: Instant;
      scheduling: string;
      probes: Record<
        string,
        { kind: string; families: readonly Family[]; interval: number; streams: Stream[] }
      >;
    }
  /** What a stream sent and received; `late` and `after` in whole microseconds. Empty lists are left out. */
  | ({ k: 'packets'; p: string; s: number; first: number } & Partial<Omit<StreamData, 'stream' | 'first'>>)
  /** What a stream of a bulk transfer did, bin by bin; round-trip times in whole microseconds. */
  | ({ k: 'transfer'; p: string; s: number } & Omit<TransferData, 'stream'>)
  | ({ k: 'session'; probe: string } & SessionEvent)
  /** State of the probing thread: processor time and waiting since its start; packets dropped by this machine, foreign ones. */
  | { k: 'prober'; t: Instant; run: number; waited: number; dropped: number; foreign: number }
  /** Word from the clients of a probe that has a thread of its own. */
  | { k: 'clients'; t: Instant; probe: string }
  /** What impairs packets, where a step does so. */
  | { k: 'netem'; t: Instant; engine: string }
  /** How late the relay of impaired packets was at worst since its last word, nanoseconds. */
  | { k: 'relay'; t: Instant; packets: number; worst: number }
  | ({ k: 'signal'; watch: string } & Signal)
  /** What was captured of links that are labelled as transit: packets of probes in plaintext, packets that there was no room for. */
  | { k: 'captured'; t: Instant; leaks: LeakEvent[]; dropped: number }
  /** Packets that each link delivered forth and back between successive instants; a link without any is left out. */
  | { k: 'links'; from: Instant; at: Instant[]; counts: Record<string, [number[], number[]]> }
  /** Times that a processor of the machine stood still, from and to, since its last word. */
  | { k: 'standstills'; t: Instant; processor: number; periods: Standstills }
  | ({ k: 'health' } & Health)
  | { k: 'trial'; t: Instant; trial: number; attempt: number }
  /** The steady state held from `since` on, or did not come about. */
  | { k: 'steady'; t: Instant; when: 'before' | 'after'; since: Instant; failed?: string }
  | { k: 'step'; t: Instant; step: string; text: string }
  /** A fault is about to be injected: how to undo it. On disk before it acts. */
  | { k: 'undo'; t: Instant; fault: string; text: string }
  | ({
      k: 'fault';
      fault: string;
      kind: string;
      target: string;
      action: 'inject' | 'clear';
      proof: string;
    } & Bracket)
  /** A wait ended: what it waited for came about, or not in time. */
  | { k: 'wait'; t: Instant; for: string; of?: string; met: boolean; within: number }
  /** Of a drill that asks people, or shows them a page: whether they are asked. */
  | { k: 'operators'; t: Instant; asked: boolean }
  /** A person was shown what to do; or nobody was, where operators are skipped. Lengths of time in nanoseconds. */
  | {
      k: 'instruction';
      t: Instant;
      name: string;
      text: string;
      who?: string;
      expect?: number;
      within: number;
      /** What is to be attached. */
      evidence?: string;
      skipped?: true;
    }
  /** Nobody confirmed an instruction in time. */
  | { k: 'unanswered'; t: Instant; instruction: Instant }
  | ({ k: 'operator' } & OperatorAct & Bracket)
  | { k: 'check'; t: Instant; condition: string; met: boolean }
  /** Packets due before `until` have been given the time to arrive. */
  | { k: 'trial-end'; t: Instant; until: Instant }
  | { k: 'abort'; t: Instant; reason: string }
  /** Something failed that is no result. */
  | { k: 'problem'; t: Instant; text: string }
  | { k: 'end'; t: Instant; outcome: DrillOutcome }
  /** Last line: SHA-256 of all bytes before it, so that what is changed later shows. */
  | { k: 'seal'; sha256: string }
  /** Never in a file: what a reader says at its end of what it has read. */
  | { k: 'read'; sha256: string; seal: Seal };

/** The events of a kind. */
export type EventOf<K extends Event['k']> = Extract<Event, { k: K }>;

/**
 * Whether a recording is as it was written: `intact`, as its last line says; `broken`: it was changed after; `missing`: it has no such line, as one that was cut off,
 * or was made by a version that wrote none.
 */
export type Seal = 'intact' | 'broken' | 'missing';

/** How a drill ended, results apart. */
export type DrillOutcome = 'complete' | 'interrupted' | 'aborted' | 'failed' | 'uncleared';
