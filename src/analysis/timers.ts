import { type Implication, impliedQuantity } from '../scenario/implication.js';
import type { Scenario } from '../scenario/schema.js';
import type { DrillData, Trial } from './drill-data.js';
import { measureTarget } from './measure-target.js';
import type { Measurement } from './measurement.js';
import { metricNamed } from './metrics/registry.js';
import { quantityOf } from './quantity.js';
import type { ImpliedResult, TimerResult } from './result.js';

/** All figures of a trial that the timers of a scenario say something about, by what implies it. */
export const impliedIn = (data: DrillData, trial: Trial): Map<string, Measurement[]> =>
  new Map(
    implicationsOf(data.scenario).map((implied) => [
      implied.text,
      measureTarget(data, trial, impliedQuantity(implied)),
    ]),
  );

/** Recordings of before there were timers have none. */
const timersOf = ({ timers }: Partial<Pick<Scenario, 'timers'>>): Scenario['timers'] => timers ?? [];

const implicationsOf = (scenario: Scenario): Implication[] =>
  timersOf(scenario).flatMap(({ implies }) => implies);

/** What the timers of a scenario imply beside what the valid trials measured. */
export const timerResults = (
  scenario: Scenario,
  trials: readonly { trial: number; implied: ReadonlyMap<string, readonly Measurement[]> }[],
): TimerResult[] =>
  timersOf(scenario).map(({ timer, value, where, implies }) => ({
    timer,
    value,
    ...(where !== undefined && { where }),
    implies: implies.map((implication) => impliedResult(implication, trials)),
  }));

function impliedResult(
  implication: Implication,
  trials: readonly { trial: number; implied: ReadonlyMap<string, readonly Measurement[]> }[],
): ImpliedResult {
  const { text, atLeast, atMost } = implication;
  const [from, to] = [atLeast?.value ?? 0, atMost?.value ?? Number.POSITIVE_INFINITY];
  const quantity = quantityOf(impliedQuantity(implication));
  const figures = trials.flatMap(({ trial, implied }) =>
    (implied.get(text) ?? []).map((measurement) => ({ trial, measurement })),
  );
  const ordered = [...figures].sort((a, b) => a.measurement.value - b.measurement.value);
  const [least, most] = [ordered[0]?.measurement, ordered.at(-1)?.measurement];
  // Only where no value between the bounds fits is something other than it is said to be.
  const contradicting = figures.filter(
    ({ measurement }) => measurement.upper < from || measurement.lower > to,
  );
  const agrees =
    figures.length > 0 &&
    figures.every(({ measurement }) => measurement.lower >= from && measurement.upper <= to);
  return {
    text,
    ...quantity,
    unit: metricNamed(quantity.metric)!.unit,
    from,
    to,
    ...(least && most && { measured: { least, most } }),
    trials: new Set(figures.map(({ trial }) => trial)).size,
    contradicting: [...new Set(contradicting.map(({ trial }) => trial))],
    verdict: contradicting.length > 0 ? 'contradicts' : agrees ? 'agrees' : 'cannot tell',
  };
}
