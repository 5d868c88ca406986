import { describeAct } from '../analysis/operator-words.js';
import type { Event, EventOf } from '../recording/events.js';
import type { Scenario } from '../scenario/schema.js';
import { formatDuration } from '../scenario/units.js';

/** A line of what happened. */
export interface LogLine {
  /** Nanoseconds on the drill clock. */
  t: number;
  kind: 'step' | 'fault' | 'clear' | 'signal' | 'operator' | 'trial' | 'trouble';
  text: string;
}

/** An instruction as the page shows it. Instants and lengths of time are nanoseconds on the drill clock. */
export interface ShownInstruction {
  t: number;
  name: string;
  text: string;
  who?: string;
  expect?: number;
  within: number;
  evidence?: string;
  ending?: 'confirmed' | 'not answered' | 'not asked';
  /** When it was confirmed or given up. */
  ended?: number;
}

/** Everything about a running drill that a page shows, besides figures of probes. */
export interface DrillState {
  name: string;
  title: string;
  /** What is happening, in a few words. */
  phase: string;
  trial: number;
  /** Number of trials, as far as it is known. */
  of: string;
  steps: { text: string; state: 'done' | 'running' | 'next' | 'later' }[];
  /** Faults in effect. */
  faults: { fault: string; target: string; since: number }[];
  watches: { watch: string; active: boolean; detail: string; at: number }[];
  /** The instruction that waits for an answer. */
  instruction?: ShownInstruction;
  /** Instructions of this trial that are over. */
  past: ShownInstruction[];
  log: LogLine[];
  over?: { verdict: string; reason: string };
}

/** Lines that a page shows. */
const LINES = 200;

const empty = (): DrillState => ({
  name: '',
  title: '',
  phase: 'no drill yet',
  trial: 0,
  of: '',
  steps: [],
  faults: [],
  watches: [],
  past: [],
  log: [],
});

/** What a drill comes to by its events: the same events give the same state, so a page that comes late sees what others see. */
export class DrillProgress {
  state = empty();
  readonly #textsOf: (scenario: Scenario) => string[];

  /** @param textsOf a scenario's steps as sentences */
  constructor(textsOf: (scenario: Scenario) => string[]) {
    this.#textsOf = textsOf;
  }

  /** Takes an event. Returns whether that changed what is shown. */
  add(event: Event): boolean {
    const take = this.#takers[event.k] as ((state: DrillState, event: Event) => void) | undefined;
    take?.(this.state, event);
    return take !== undefined;
  }

  /** Takes what the drill came to. */
  judged(over: { verdict: string; reason: string }): void {
    Object.assign(this.state, { over, phase: 'over' });
  }

  #log(t: number, kind: LogLine['kind'], text: string): void {
    this.state.log.push({ t, kind, text });
    if (this.state.log.length > LINES) this.state.log.shift();
  }

  #close(t: number, ending: NonNullable<ShownInstruction['ending']>): void {
    const { instruction, past } = this.state;
    if (!instruction) return;
    past.push({ ...instruction, ending, ended: t });
    delete this.state.instruction;
  }

  readonly #takers: { [K in Event['k']]?: (state: DrillState, event: EventOf<K>) => void } = {
    scenario: (_, { scenario }) => {
      const { name, title, trials, 'until-decided': until } = scenario;
      this.state = {
        ...empty(),
        name,
        title,
        phase: 'deploying the lab',
        of: until ? `at most ${Math.max(until.most, trials)}` : String(trials),
        steps: this.#textsOf(scenario).map((text) => ({ text, state: 'later' })),
      };
    },
    lab: (state, { before, after }) => {
      state.phase = 'arming the instruments';
      this.#log(after, 'trial', `lab up in ${formatDuration(after - before)}`);
    },
    trial: (state, { t, trial, attempt }) => {
      for (const [index, step] of state.steps.entries()) step.state = index === 0 ? 'next' : 'later';
      Object.assign(state, { trial, phase: 'waiting for the steady state', past: [], faults: [] });
      delete state.instruction;
      this.#log(t, 'trial', `trial ${trial}${attempt > 1 ? `, attempt ${attempt}` : ''}`);
    },
    steady: (state, { t, when, failed }) => {
      const [isSo, isNot] = when === 'before' ? ['steady', 'not steady'] : ['restored', 'not restored'];
      if (failed === undefined) this.#log(t, 'trial', isSo);
      else this.#log(t, 'trouble', `${isNot}: ${failed}`);
      if (when === 'after') state.phase = 'watching whether it stays so';
    },
    step: (state, { t, text }) => {
      state.phase = text;
      this.#log(t, 'step', text);
      const index = state.steps.findIndex((step) => step.state === 'next');
      // Faults that chaos draws are steps of their own, and belong to the one that draws them.
      if (index >= 0 && state.steps[index]!.text !== text) return;
      for (const [at, step] of state.steps.entries()) {
        // The one that clears what no step cleared is not among them.
        if (index < 0 || at < index) step.state = 'done';
        else step.state = at === index ? 'running' : at === index + 1 ? 'next' : 'later';
      }
    },
    fault: (state, { fault, target, action, before, proof }) => {
      if (action === 'inject') state.faults.push({ fault, target, since: before });
      else state.faults = state.faults.filter((active) => active.fault !== fault);
      const what = action === 'inject' ? `${fault} on ${target}` : `${fault} cleared`;
      this.#log(before, action === 'inject' ? 'fault' : 'clear', `${what}: ${proof}`);
    },
    signal: (state, { watch, active, detail, after }) => {
      const known = state.watches.find((one) => one.watch === watch);
      if (known) Object.assign(known, { active, detail, at: after });
      else state.watches.push({ watch, active, detail, at: after });
      this.#log(after, 'signal', `${watch}${active ? '' : ' no longer'}: ${detail}`);
    },
    wait: (_, { t, for: what, met }) => {
      if (!met) this.#log(t, 'trouble', `no ${what} in time`);
    },
    check: (_, { t, condition, met }) =>
      this.#log(t, met ? 'trial' : 'trouble', `${met ? 'holds' : 'does not hold'}: ${condition}`),
    instruction: (state, { k: _, skipped, ...instruction }) => {
      state.instruction = instruction;
      if (skipped) this.#close(instruction.t, 'not asked');
    },
    unanswered: (_, { t }) => {
      this.#close(t, 'not answered');
      this.#log(t, 'trouble', 'not answered in time');
    },
    operator: (_, act) => {
      if (act.act === 'confirm') this.#close(act.after, 'confirmed');
      this.#log(act.after, 'operator', describeAct(act));
    },
    abort: (_, { t, reason }) => this.#log(t, 'trouble', `aborted: ${reason}`),
    problem: (_, { t, text }) => this.#log(t, 'trouble', text),
    'trial-end': (state) => {
      for (const step of state.steps) step.state = 'done';
    },
    end: (state, { t, outcome }) => {
      Object.assign(state, { phase: 'judging', faults: [] });
      delete state.instruction;
      this.#log(t, 'trial', `the drill is over: ${outcome}`);
    },
  };
}
