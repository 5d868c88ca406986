import type { DrillData, Trial } from './drill-data.js';
import { type JudgedTrial, judgeTrial } from './judged-trial.js';
import { Lateness, pathsOf, type Ways } from './method.js';

/** Nothing that a trial is judged by lies further before its beginning, nanoseconds. */
const REACH = 2e9;

/**
 * Judges the trials of a drill while its recording is read, and lets go of their packets, so that a long recording takes no more memory than its longest
 * trials. A trial is judged when the one after the next begins: by then everything of it was written down.
 */
export class TrialBook {
  readonly #data: DrillData;
  readonly judged: JudgedTrial[] = [];
  readonly lateness = new Lateness();
  /** Which way the probes went in the first whole trial. */
  paths: Ways | undefined;

  constructor(data: DrillData) {
    this.#data = data;
  }

  /** A trial has begun. */
  settle(): void {
    const { trials } = this.#data;
    this.#judge(trials.slice(0, -2));
    const [next] = trials.slice(-2);
    if (next && this.judged.length > 0) this.#data.forget(next.from - REACH);
  }

  /** The recording has ended. */
  close(): void {
    this.#judge(this.#data.trials);
  }

  #judge(trials: readonly Trial[]): void {
    for (const trial of trials.slice(this.judged.length)) {
      this.judged.push(judgeTrial(this.#data, trial));
      this.lateness.add(this.#data, trial);
      if (trial.complete) this.paths ??= pathsOf(this.#data, trial);
    }
  }
}
