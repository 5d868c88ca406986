import type { DrillData, Trial } from './drill-data.js';
import { measureTarget } from './measure-target.js';
import type { Measurement } from './measurement.js';
import type { Metric } from './metrics/metric.js';
import { metrics } from './metrics/registry.js';
import { type PhaseFigure, phasesIn } from './phases.js';
import { quantityOf } from './quantity.js';
import type { TrialResult } from './result.js';
import { impliedIn } from './timers.js';
import { trialResult } from './trial-result.js';

/** What is kept of a trial once it was judged: all but its packets. */
export interface JudgedTrial {
  trial: Trial;
  result: TrialResult;
  /** Nothing where the trial does not count. */
  figures?: Figures;
}

/** What a valid trial measured: all figures of each quantity. */
interface Figures {
  /** One list a target, in their order. */
  targets: Measurement[][];
  /** Of every quantity, by its place in `quantitiesOf`. */
  measured: Measurement[][];
  phases: PhaseFigure[];
  /** By what implies it. */
  implied: Map<string, Measurement[]>;
}

/** Measures a trial, of which everything was seen that can be. */
export function judgeTrial(data: DrillData, trial: Trial): JudgedTrial {
  const result = trialResult(data, trial);
  if (!trial.complete || !result.valid) return { trial, result };
  const measured = new Map(
    quantitiesOf(data).map((quantity) => [keyOf(quantity), measureTarget(data, trial, quantity)]),
  );
  const figures = {
    targets: data.scenario.targets.map((target) => measured.get(keyOf(target))!),
    measured: [...measured.values()],
    phases: phasesIn(data, trial),
    implied: impliedIn(data, trial),
  };
  return { trial, result, figures };
}

const keyOf = (one: Parameters<typeof quantityOf>[0]): string => JSON.stringify(quantityOf(one));

/** Every metric of every subject that it fits, whether or not a target asks for it; and what else targets ask for. */
export function quantitiesOf(data: DrillData): Parameters<typeof measureTarget>[2][] {
  const probes = [...data.probes.values()];
  const { momentary = [] } = data.scenarioEvent ?? {};
  const subjectsOf = ({ subject, needsState }: Metric): string[] => {
    if (subject === 'two watches' || subject === 'operators') return [];
    if (subject === 'operator step')
      return data.scenario.steps.flatMap((step) => ('operator' in step ? [step.as] : []));
    if (subject === 'watch')
      return Object.keys(data.scenario.watches).filter((name) => !needsState || !momentary.includes(name));
    return probes.filter(({ families }) => families.includes(subject)).map(({ id }) => id);
  };
  const fitting = Object.values<Metric>(metrics).flatMap((metric) =>
    subjectsOf(metric).map((subject) => ({ metric: metric.name, subjects: [subject] })),
  );
  const people = data.asksPeople ? [{ metric: metrics.operator_detection_time.name, subjects: [] }] : [];
  const wanted = [...fitting, ...data.scenario.targets, ...people];
  return [...new Map(wanted.map((one) => [keyOf(one), one])).values()];
}
