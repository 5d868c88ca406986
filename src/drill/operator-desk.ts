import { type Instruction, openInstruction } from '../analysis/drill-data.js';
import type { Bracket, Clock, Instant } from '../linux/clock.js';
import type { Evidence, OperatorAct } from '../recording/events.js';
import { legible } from './legible.js';
import type { Recorder } from './recorder.js';

/** Why what an operator did was not taken. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
}

/**
 * What a page knows of when somebody did something: the last instant that it had been told, and how long ago that was by its own clock,
 * nanoseconds. So it was done no earlier than that.
 */
export interface Sight {
  told: Instant;
  since: number;
}

/** A page's own clock may be coarse; browsers round to a tenth of a millisecond, or to one. */
const COARSE = 1e6;

/** How often it is noted that everything that had come was handled, milliseconds. */
const BEAT_MS = 50;

/** Characters that an answer, and a name, may have. */
export const LONGEST = { text: 4000, who: 100 };

/**
 * Where people and the drill meet: takes what operators say, by page or terminal, and writes it down with its instant. It is open while a
 * drill runs.
 */
export class OperatorDesk {
  /** Whether people are asked to do what the scenario says. */
  readonly asks: boolean;
  readonly #abort: () => void;
  #drill: { recorder: Recorder; clock: Clock; beat: NodeJS.Timeout } | undefined;
  /** The last two instants at which everything that had come before was handled. */
  #last: Instant = 0;
  #beforeLast: Instant = 0;

  /** @param abort ends the drill early; it heals */
  constructor({ asks, abort }: { asks: boolean; abort: () => void }) {
    this.asks = asks;
    this.#abort = abort;
  }

  open({ recorder, clock }: { recorder: Recorder; clock: Clock }): void {
    this.#last = clock.now();
    this.#beforeLast = this.#last;
    const beat = setInterval(() => {
      this.#beforeLast = this.#last;
      this.#last = clock.now();
    }, BEAT_MS);
    this.#drill = { recorder, clock, beat };
  }

  close(): void {
    clearInterval(this.#drill?.beat);
    this.#drill = undefined;
  }

  /** Now, on the running drill's clock. */
  get now(): Instant | undefined {
    return this.#drill?.clock.now();
  }

  /** What waits for somebody to confirm it. */
  get openInstruction(): Instruction | undefined {
    const trial = this.#drill?.recorder.data.trial;
    return trial && openInstruction(trial);
  }

  /** What people were asked in this trial, in order. */
  get instructions(): readonly Instruction[] {
    return this.#drill?.recorder.data.trial?.instructions ?? [];
  }

  /**
   * Takes what somebody did, and writes it down.
   * @throws NotTaken with the reason, in a sentence
   */
  take(act: OperatorAct, sight?: Sight): void {
    if (!this.#drill) throw new NotTaken('no drill is running');
    const { recorder, clock } = this.#drill;
    const at = this.#bracket(clock.now(), sight);
    const clean = cleaned(act);
    if (clean.who === '') throw new NotTaken('say who you are');
    if (act.act === 'confirm') {
      const { openInstruction: open } = this;
      if (!open || open.t !== act.instruction)
        throw new NotTaken('this instruction does not wait for an answer any more');
      at.before = Math.max(at.before, open.t);
    } else if (act.instruction !== undefined && !this.instructions.some(({ t }) => t === act.instruction)) {
      throw new NotTaken('this instruction is not one of this trial');
    }
    if (act.act === 'note' && !clean.text) throw new NotTaken('a note needs a text');
    if (act.act === 'attach' && !clean.evidence) throw new NotTaken('there is nothing to attach');
    recorder.add({ k: 'operator', ...clean, ...at });
    recorder.flush();
    if (act.act === 'abort') this.#abort();
  }

  #bracket(after: Instant, sight: Sight | undefined): Bracket {
    const earliest =
      sight && sight.told <= after && sight.since >= 0 ? sight.told + sight.since - COARSE : this.#beforeLast;
    return { before: Math.max(0, Math.min(after, Math.round(earliest))), after };
  }
}

/** An act as it is written down: nothing in it can hide, and nothing is endless. */
function cleaned({ act, who, by, text = '', instruction, evidence }: OperatorAct): OperatorAct {
  const words = legible(text, LONGEST.text);
  return {
    act,
    who: legible(who, LONGEST.who),
    by,
    ...(words && { text: words }),
    ...(instruction !== undefined && { instruction }),
    ...(evidence && { evidence: cleanEvidence(evidence) }),
  };
}

const cleanEvidence = (evidence: Evidence): Evidence =>
  'text' in evidence
    ? { text: legible(evidence.text, LONGEST.text) }
    : { ...evidence, file: legible(evidence.file, 255) };
