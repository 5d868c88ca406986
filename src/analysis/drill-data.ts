import type { Bracket, Instant } from '../linux/clock.js';
import type { Family, SessionEvent } from '../probes/probe.js';
import type { DrillOutcome, Event, EventOf, LeakEvent, Seal } from '../recording/events.js';
import type { Scenario } from '../scenario/schema.js';
import type { Health } from '../taps/health.js';
import type { Signal } from '../watches/watch.js';
import { PathTrack } from './path.js';
import type { Window } from './runs.js';
import { StreamTrack } from './track.js';
import { TransferTrack } from './transfer.js';

/** A fault that was injected or cleared. */
export type FaultEvent = EventOf<'fault'>;

/** Something that a person was asked to do. */
export type Instruction = EventOf<'instruction'> & {
  /** When it was given up, where nobody confirmed it in time. */
  unanswered?: Instant;
};

/** What somebody said or did. */
export type OperatorEvent = EventOf<'operator'>;

/** A time that a processor of the machine stood still. */
export interface Standstill extends Window {
  processor: number;
}

/** One pass through the steps. */
export interface Trial {
  trial: number;
  attempt: number;
  /** From the beginning of the steady state before the first fault. */
  from: Instant;
  /** Up to here every packet had the time to arrive. */
  to: Instant;
  complete: boolean;
  faults: FaultEvent[];
  waits: EventOf<'wait'>[];
  checks: EventOf<'check'>[];
  steps: EventOf<'step'>[];
  instructions: Instruction[];
  acts: OperatorEvent[];
  /** What of the steady state did not come about, before or after. */
  notSteady?: string;
  notRestored?: string;
}

/** What a probe saw. */
export interface ProbeTrack {
  id: string;
  kind: string;
  families: readonly Family[];
  interval: number;
  streams: StreamTrack[];
  /** Of a probe that moves data, one for each stream. */
  transfers: TransferTrack[];
  sessions: SessionEvent[];
  refusals: Refusal[];
}

/** Packets or requests of a stream, one after the other, that were refused or failed for one reason. */
export interface Refusal {
  stream: StreamTrack;
  first: number;
  count: number;
  why: string;
}

/** State of the probing thread at an instant, sums since its start. */
export type ProberState = Omit<EventOf<'prober'>, 'k'>;

/** What was seen in a drill, sorted: while it runs, and afterwards from its recording. */
export class DrillData {
  header?: EventOf<'recording'>;
  scenarioEvent?: EventOf<'scenario'>;
  topology?: EventOf<'topology'>;
  environment?: EventOf<'environment'>;
  lab?: EventOf<'lab'>;
  scheduling = '';
  /** When the instruments had begun. */
  armed: Instant = 0;
  readonly probes = new Map<string, ProbeTrack>();
  readonly signals = new Map<string, Signal[]>();
  readonly paths = new PathTrack();
  /** Times that a processor of the machine stood still. */
  standstills: Standstill[] = [];
  /** By node. */
  readonly health = new Map<string, Health[]>();
  readonly prober: ProberState[] = [];
  /** When the clients of a probe with a thread of its own gave word. */
  readonly clients = new Map<string, Instant[]>();
  /** What the leak tap told, where it looked, and what it had no room for. */
  readonly captured: Omit<EventOf<'captured'>, 'k' | 'leaks'>[] = [];
  readonly leaks: LeakEvent[] = [];
  /** What impaired packets, where something did. */
  netem: string | undefined;
  readonly relay: EventOf<'relay'>[] = [];
  readonly trials: Trial[] = [];
  readonly problems: string[] = [];
  aborted?: string;
  /** The recording's file, once it was read to its end. */
  file?: { sha256: string; seal: Seal };
  /** Whether people are asked, where the drill says so. */
  asksPeople?: boolean;
  /** What people said before the first trial. */
  readonly early: OperatorEvent[] = [];
  /** Nothing while the drill runs, and for one that was killed. */
  outcome?: DrillOutcome;
  #last: Instant = 0;

  add(event: Event): void {
    this.#last = Math.max(this.#last, instantOf(event));
    const take = takers[event.k] as (data: DrillData, event: Event) => void;
    take(this, event);
  }

  get scenario(): Scenario {
    if (!this.scenarioEvent) throw new Error('the recording ends before its scenario');
    return this.scenarioEvent.scenario;
  }

  get trial(): Trial | undefined {
    return this.trials.at(-1);
  }

  /** Lets go of what was seen before an instant and takes much room. What is told of the time before it is then wrong. */
  forget(before: Instant): void {
    for (const { streams, transfers } of this.probes.values())
      for (const track of [...streams, ...transfers]) track.forget(before);
    this.paths.forget(before);
    this.standstills = this.standstills.filter(({ to }) => to >= before);
    for (const [node, looks] of this.health) this.health.set(node, knownAt(looks, before));
  }

  /** A drill that was killed in a trial still has all that was seen of it. */
  close(): void {
    const { trial } = this;
    if (trial && !trial.complete) trial.to = Math.max(trial.from, this.#last - GRACE);
  }
}

/** What was sent in the last moments of a killed drill may still have been on its way, or not yet written down. */
const GRACE = 1e9;

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const known = lists.get(key);
  if (known) known.push(item);
  else lists.set(key, [item]);
}

const instantOf = (event: Event): Instant =>
  't' in event ? event.t : 'after' in event && typeof event.after === 'number' ? event.after : 0;

/** What each kind of event adds. */
const takers: { [K in Event['k']]: (data: DrillData, event: EventOf<K>) => void } = {
  recording: (data, event) => Object.assign(data, { header: event }),
  scenario: (data, event) => Object.assign(data, { scenarioEvent: event }),
  topology: (data, event) => Object.assign(data, { topology: event }),
  environment: (data, event) => Object.assign(data, { environment: event }),
  lab: (data, event) => Object.assign(data, { lab: event }),
  probes(data, event) {
    data.scheduling = event.scheduling;
    data.armed = event.t;
    for (const [id, { kind, families, interval, streams }] of Object.entries(event.probes)) {
      const tracks = streams.map((stream) => new StreamTrack({ ...stream, interval }));
      const transfers = families.includes('goodput')
        ? streams.map((stream) => new TransferTrack(stream))
        : [];
      const empty = { sessions: [], refusals: [] };
      data.probes.set(id, { id, kind, families, interval, streams: tracks, transfers, ...empty });
    }
  },
  packets(data, { p, s, first, late = [], runs = [], after = [], corrupted = [], refused = [] }) {
    const probe = data.probes.get(p);
    const stream = probe?.streams[s];
    if (!probe || !stream) return;
    stream.add({ first, late, runs, after, corrupted });
    for (const [first, count, why] of refused) probe.refusals.push({ stream, first, count, why });
  },
  transfer: (data, { p, s, ...bins }) => data.probes.get(p)?.transfers[s]?.add(bins),
  session: (data, event) => void data.probes.get(event.probe)?.sessions.push(event),
  prober: (data, event) => void data.prober.push(event),
  clients(data, { probe, t }) {
    append(data.clients, probe, t);
  },
  netem: (data, event) => {
    data.netem = event.engine;
  },
  relay: (data, event) => void data.relay.push(event),
  signal(data, event) {
    append(data.signals, event.watch, event);
  },
  links: (data, event) => data.paths.add(event),
  standstills({ standstills }, { processor, periods }) {
    for (const [from, to] of periods) standstills.push({ processor, from, to });
  },
  health: ({ health }, event) => append(health, event.node, event),
  captured(data, { leaks, ...event }) {
    data.captured.push(event);
    data.leaks.push(...leaks);
  },
  trial({ trials, early }, { t, trial, attempt }) {
    const lists = { faults: [], waits: [], checks: [], steps: [], instructions: [], acts: early.splice(0) };
    trials.push({ trial, attempt, from: t, to: t, complete: false, ...lists });
  },
  steady({ trial, trials, armed }, { t, when, since, failed }) {
    if (!trial) return;
    if (failed !== undefined) {
      trial[when === 'before' ? 'notSteady' : 'notRestored'] = failed;
      trial.to = t;
      // A watch may have been so for ever: what was in the trial before is no part of this one, nor what nobody looked at.
    } else if (when === 'before') trial.from = Math.max(since, trials.at(-2)?.to ?? armed);
  },
  fault: ({ trial }, event) => void trial?.faults.push(event),
  wait: ({ trial }, event) => void trial?.waits.push(event),
  check: ({ trial }, event) => void trial?.checks.push(event),
  step: ({ trial }, event) => void trial?.steps.push(event),
  operators: (data, { asked }) => Object.assign(data, { asksPeople: asked }),
  instruction: ({ trial }, event) => void trial?.instructions.push({ ...event }),
  unanswered({ trial }, { t, instruction }) {
    const found = trial?.instructions.find((one) => one.t === instruction);
    if (found) found.unanswered = t;
  },
  operator: ({ trial, early }, event) => void (trial?.acts ?? early).push(event),
  'trial-end': ({ trial }, { until }) => void (trial && Object.assign(trial, { to: until, complete: true })),
  abort: (data, { reason }) => Object.assign(data, { aborted: reason }),
  problem: (data, { text }) => void data.problems.push(text),
  end: (data, { outcome }) => Object.assign(data, { outcome }),
  undo() {},
  seal() {},
  read: (data, { sha256, seal }) => Object.assign(data, { file: { sha256, seal } }),
};

/** The looks at a node from the last one before an instant on, which tells what was so at that instant. */
export function knownAt(looks: readonly Health[], instant: Instant): Health[] {
  const first = looks.findLastIndex(({ t }) => t <= instant);
  return looks.slice(Math.max(0, first));
}

/** The bracket at which a fault was injected or cleared in a trial. */
export function eventOf(trial: Trial, fault: string, clear: boolean): Bracket | undefined {
  const found = trial.faults.find(
    (event) => event.fault === fault && event.action === (clear ? 'clear' : 'inject'),
  );
  return found && { before: found.before, after: found.after };
}

/** Who confirmed an instruction, and when; nothing where nobody did. */
export const confirmationOf = ({ acts }: Trial, { t }: Instruction): OperatorEvent | undefined =>
  acts.find(({ act, instruction }) => act === 'confirm' && instruction === t);

/** The instruction that waits for somebody to confirm it. */
export const openInstruction = (trial: Trial): Instruction | undefined =>
  trial.instructions.find(
    (instruction) =>
      !instruction.skipped &&
      instruction.unanswered === undefined &&
      confirmationOf(trial, instruction) === undefined,
  );
