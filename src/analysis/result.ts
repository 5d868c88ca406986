import type { Instant } from '../linux/clock.js';
import type { Way } from '../probes/probe.js';
import type { DrillOutcome, Environment, Evidence, FileFact, Seal } from '../recording/events.js';
import type { Comparison as Operator, Unit } from '../scenario/target.js';
import type { Comparison, RowVerdict } from './comparison/result.js';
import type { Decision } from './decision.js';
import type { Verdict } from './judge.js';
import type { Measurement } from './measurement.js';
import type { Phase } from './phase.js';
import type { Quantity } from './quantity.js';
import type { TrialStatistics } from './statistics/quantiles.js';

/** Version of this structure. */
export const RESULT_VERSION = 1;

/** All that a recording says, judged. Times are nanoseconds; an infinite bound is null in JSON. */
export interface DrillResult {
  version: number;
  id: string;
  name: string;
  title: string;
  objective?: string;
  tags: string[];
  verdict: Verdict;
  /** Why, in one sentence. */
  reason: string;
  outcome: DrillOutcome | 'killed';
  /** ISO 8601, UTC. */
  started: string;
  /** Nanoseconds from the start of the recording to the end of the last trial. */
  lasted: number;
  command: string[];
  seed: number;
  /** The scenario as written, and the values given to the variables of its topology. */
  scenario: { text: string; variables: Record<string, string> };
  targets: TargetResult[];
  /** Other expectations of the scenario that were not met. */
  failures: string[];
  problems: string[];
  measured: MeasuredResult[];
  /** When each fault's failover came to its phases. */
  phases: FaultPhases[];
  /** What the lab's timers imply beside what was measured. */
  timers: TimerResult[];
  trials: TrialResult[];
  lab: LabResult;
  files: FileFact[];
  /** The file that all this was read from, and whether it is as it was written. */
  recording?: {
    sha256: string;
    seal: Seal;
    /** How one can tell that it is not: then nothing is decided by it. */
    altered?: string;
  };
  environment?: Environment;
  /** How the instruments worked. */
  method: MethodResult;
  /** The drill of the scenario before this one, where it is known: it is not in the recording. */
  previous?: PreviousResult;
}

/** How a drill compares with the one before it. */
export interface PreviousResult {
  id: string;
  /** ISO 8601, UTC. */
  started: string;
  /** What that drill came to. */
  drill: Verdict;
  /** What became of what targets limit, and why. */
  verdict: Comparison['verdict'];
  reason: string;
  /** Medians of the trials; nothing where there is none. */
  rows: (Quantity & { unit: Unit; verdict: RowVerdict; before?: number; now?: number })[];
}

export interface TargetResult extends Quantity {
  text: string;
  description: string;
  source: string;
  unit: Unit;
  comparison: Operator;
  limit: number;
  /** `max`, `p95`... */
  aggregate: string;
  /** Nothing where no valid trial measured it. */
  measured?: Measurement;
  verdict: Verdict;
  /** What the verdict rests on, where the drill went on until every target was decided. */
  decision?: Decision;
  /** What each valid trial measured: the target's aggregate of its figures. */
  trials: TrialFigure[];
  /** What they say together, where there are several. */
  statistics?: TrialStatistics;
}

/** What one trial measured. */
export interface TrialFigure {
  trial: number;
  measurement: Measurement;
}

/** A quantity that was measured whether or not a target asks for it. */
export interface MeasuredResult extends Quantity {
  unit: Unit;
  /** What each valid trial measured: its worst. */
  trials: TrialFigure[];
  /** What they say together, where there are several. */
  statistics?: TrialStatistics;
}

/** A timer of the lab, as the scenario states it. */
export interface TimerResult {
  timer: string;
  value: string;
  /** File that sets it. */
  where?: string;
  implies: ImpliedResult[];
}

/** What a timer implies for a quantity, beside what was measured of it. */
export interface ImpliedResult extends Quantity {
  text: string;
  unit: Unit;
  /** What it must be, as the timer says; from 0 to infinity where that says nothing. */
  from: number;
  to: number;
  /** The smallest and the largest figure of all valid trials. */
  measured?: { least: Measurement; most: Measurement };
  /** Valid trials that measured it. */
  trials: number;
  /** Those with a figure of which no value between its bounds is possible with the timer. */
  contradicting: number[];
  /** `agrees`: every figure with its bounds is as implied; `contradicts`: some cannot be; `cannot tell` in between. */
  verdict: 'agrees' | 'contradicts' | 'cannot tell';
}

/** What was seen of the phases of a failover, in their order. */
export interface FaultPhases {
  /** The fault; of several in one step all of them, as `cut + spare`. */
  fault: string;
  phases: PhaseResult[];
}

/** When a failover came to a phase: time from the fault. */
export interface PhaseResult {
  phase: Phase;
  /** The watch or probe that shows it; nothing where nothing in the scenario does. */
  by?: string;
  trials: TrialFigure[];
  /** What they say together, where there are several. */
  statistics?: TrialStatistics;
}

/** An instant of a trial, as offset from its beginning. */
export interface Mark {
  kind: 'fault' | 'clear' | 'signal' | 'operator' | 'first-flow' | 'recovered' | 'reverted' | 'step';
  label: string;
  /** Nanoseconds from the beginning of the trial. */
  at: number;
  /** Half the width of the bracket, nanoseconds. */
  error: number;
}

export interface TrialResult {
  trial: number;
  attempt: number;
  valid: boolean;
  /** Why it is not valid. */
  disturbances: string[];
  from: Instant;
  to: Instant;
  complete: boolean;
  marks: Mark[];
  /** Faults as bands: from injection to clearing, offsets from the beginning. */
  bands: { label: string; from: number; to: number }[];
  steps: { text: string; at: number }[];
  series: SeriesResult[];
  sessions: SessionResult[];
  transfers: TransferResult[];
  /** What was seen in plaintext on links that are labelled as transit. */
  leaks: LeakResult[];
  /** Packets that each link carried, of whatever kind; a link without any is left out. */
  traffic: TrafficResult[];
  health: HealthResult[];
  /** What each watch that sees states saw, and when any watch did not know. */
  watches: WatchResult[];
  /** Why packets were refused and requests failed. */
  refusals: RefusalResult[];
  /** What people were asked, in order. */
  instructions: InstructionResult[];
  /** What people said of their own accord. */
  remarks: RemarkResult[];
}

/** Something that a person was asked to do; offsets from the beginning. */
export interface InstructionResult {
  name: string;
  text: string;
  /** Role or person that was to do it. */
  who?: string;
  shown: number;
  /** When it was over: confirmed, given up, or the trial's end; nothing where nobody was asked. */
  ended?: number;
  ending: 'confirmed' | 'not answered' | 'not asked';
  /** Time that was planned for it. */
  planned?: number;
  /** From when it was shown until somebody confirmed it. */
  response: Measurement;
  /** Whether it surely took longer than planned. */
  late: boolean;
  /** Who confirmed it, and with which words. */
  by?: string;
  note?: string;
  /** What was to be attached. */
  wanted?: string;
  evidence: EvidenceResult[];
}

export type EvidenceResult = Evidence & { who: string };

/** Somebody noticed something, or made a note. */
export interface RemarkResult {
  kind: 'notice' | 'note' | 'abort';
  who: string;
  text: string;
  /** Offset from the beginning, and half the width of its bracket. */
  at: number;
  error: number;
}

/** A packet probe over time, in bins of equal length. */
export interface SeriesResult {
  probe: string;
  /** Length of a bin, nanoseconds. */
  bin: number;
  /** Packets sent in each bin. */
  sent: number[];
  /** Of these, how many were impaired. */
  impaired: number[];
  /** Median one-way delay of those that arrived, nanoseconds; null where none did. */
  delay: (number | null)[];
}

/** Packets a second on a link, both ways together, in bins of equal length. */
export interface TrafficResult {
  link: string;
  /** Length of a bin, nanoseconds. */
  bin: number;
  rate: number[];
}

/** What a watch saw over time; offsets from the beginning. */
export interface WatchResult {
  watch: string;
  /** When it was active; nothing of a watch that sees instants. */
  active: { from: number; to: number }[];
  /** When nobody could tell, and why. */
  unknown: { from: number; to: number; why: string }[];
}

/** How a node fared; offsets from the beginning. */
export interface HealthResult {
  node: string;
  /** Share of one processor that its processes used, from one look to the next. */
  processor: { from: number; to: number; share: number }[];
  /** Time that its threads were ready to run and had no processor, added up, nanoseconds; nothing in recordings of before that was read. */
  waited?: number;
  /** Most memory of its processes' own, bytes. */
  memory: number;
  /** Most connections that its kernel tracked, where it did. */
  sessions?: number;
  /** Daemons that ran before the first fault and were then missing, as seen by looks about a second apart. */
  away: { daemon: string; from: number; to?: number }[];
}

/** What a bulk transfer delivered over time one way, all flows together, in bins of equal length. */
export interface TransferResult {
  probe: string;
  way: Way;
  /** Length of a bin, nanoseconds. */
  bin: number;
  /** Bits a second that the receiving application got in each bin. */
  goodput: number[];
  /** Segments that were transmitted again in each bin; nothing where that is not known. */
  retransmissions?: number[];
  /** Largest smoothed round-trip time in each bin, nanoseconds; null where there is none. */
  rtt: (number | null)[];
}

/** Packets of a probe in plaintext on a link, one way. */
export interface LeakResult {
  probe: string;
  link: string;
  direction: 'forth' | 'back';
  packets: number;
  /** First and last: offsets from the beginning. */
  from: number;
  to: number;
  /** The beginning of the first of them, in hexadecimal. */
  excerpt: string;
}

/** Packets that the sender's own system refused, requests that failed, or connections that broke, for one reason. */
export interface RefusalResult {
  probe: string;
  /** Error code, or what was wrong. */
  why: string;
  count: number;
  /** When the first and the last of them were due, or happened: offsets from the beginning. */
  from: number;
  to: number;
}

/** A session over time. */
export interface SessionResult {
  probe: string;
  session: number;
  survived: boolean;
  detail: string;
  /** Stretches without progress longer than ten intervals: offsets from the beginning. */
  stalls: { from: number; to: number }[];
}

export interface LabResult {
  name: string;
  runtime: string;
  nodes: { name: string; image: string }[];
  links: { name: string; ends: { node: string; interface: string }[] }[];
  /** Nodes and links that the scenario breaks. */
  broken: string[];
  /** Links that carried the probes before the first fault. */
  primary: string[];
  /** Those that did so while it lasted: shortly before it was cleared, or at the end where it was not. */
  backup: string[];
  /** Those that did so at the end, where it was cleared. */
  after: string[];
  /** Nanoseconds that the deployment took. */
  deployed?: number;
}

export interface MethodResult {
  scheduling: string;
  probes: { probe: string; kind: string; interval: number; streams: number; from: string; to: string }[];
  watches: { watch: string; kind: string; resolution: number }[];
  threshold: number;
  validation: number;
  /** Lateness of the senders over all trials, nanoseconds: median, 99th percentile, maximum. */
  lateness: { median: number; p99: number; max: number };
  dropped: number;
  foreign: number;
  /** What impaired packets, where a fault did, and how late it sent one at worst, nanoseconds. */
  netem?: { engine: string; late: number };
  /** Processor time of the probing thread, share of one processor. */
  processor: number;
}
