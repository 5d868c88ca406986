import { verdictAfter } from './decision.js';
import type { DrillData, Trial } from './drill-data.js';
import { measureTarget } from './measure-target.js';
import type { Measurement } from './measurement.js';
import { disturbances } from './validity.js';

/** Says after each trial of a drill whether it needs another. Remembers what each trial measured, so that a long drill does not slow down. */
export class Decider {
  /** Figures of each target; nothing for a trial that does not count. */
  readonly #figures = new Map<Trial, Measurement[][] | undefined>();

  /** Whether every target is decided, or one is missed for good: then the drill has failed, whatever more trials say. */
  isDecided(data: DrillData): boolean {
    const { scenario, trials } = data;
    const share = scenario['until-decided']?.share;
    if (share === undefined) return true;
    const complete = trials.filter((trial) => trial.complete);
    for (const trial of complete)
      if (!this.#figures.has(trial)) this.#figures.set(trial, figuresOf(data, trial));
    const valid = complete.filter((trial) => this.#figures.get(trial) !== undefined);
    if (valid.some(({ checks }) => checks.some(({ met }) => !met))) return true;
    const verdicts = scenario.targets.map((target, index) => {
      const figures = valid.map((trial) => this.#figures.get(trial)![index]!);
      return verdictAfter({ target, trials: figures, share });
    });
    return verdicts.includes('fail') || verdicts.every((verdict) => verdict === 'pass');
  }
}

const figuresOf = (data: DrillData, trial: Trial): Measurement[][] | undefined =>
  disturbances(data, trial).length > 0
    ? undefined
    : data.scenario.targets.map((target) => measureTarget(data, trial, target));
