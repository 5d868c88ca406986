import type { Verdict } from '../analysis/judge.js';
import type { Measurement } from '../analysis/measurement.js';
import type { Quantity } from '../analysis/quantity.js';
import type { DrillResult, TargetResult } from '../analysis/result.js';
import type { Interval } from '../analysis/statistics/interval.js';
import { steadyLoad } from '../analysis/steady-load.js';
import { validTrials } from '../analysis/valid-trials.js';
import type { Comparison, Unit } from '../scenario/target.js';

/** What of a drill's folder the history knows. */
export interface Entry {
  /** Name of the drill's folder in the store. */
  folder: string;
  /** Of the recording, when it was judged: another size or time, and it is judged again. */
  bytes: number;
  /** Milliseconds since 1970, with a fraction. */
  changed: number;
  /** Version of faildrill that judged it. */
  judgedBy: string;
  /** Nothing where the recording cannot be judged. */
  drill?: DrillSummary;
  /** Why it cannot be judged. */
  problem?: string;
}

/** An entry whose recording could be judged. */
export type JudgedEntry = Entry & { drill: DrillSummary };

/** A drill as lists and trends show it. Times are nanoseconds. */
export interface DrillSummary {
  id: string;
  name: string;
  title: string;
  tags: string[];
  /** ISO 8601, UTC. */
  started: string;
  lasted: number;
  verdict: Verdict;
  reason: string;
  outcome: DrillResult['outcome'];
  /** Valid trials. */
  trials: number;
  targets: TargetSummary[];
  /** Name of its lab. */
  lab?: string;
  /** Processors that lab and instruments used while nothing was broken, where that was seen. */
  processors?: number;
  /** What figures depend on besides the lab's behaviour, by name. */
  facts: Record<string, string>;
}

/** What a target came to. */
export interface TargetSummary extends Quantity {
  text: string;
  unit: Unit;
  comparison: Comparison;
  limit: number;
  aggregate: string;
  verdict: Verdict;
  /** What was judged; nothing where no valid trial measured it. */
  measured?: Pick<Measurement, 'value' | 'lower' | 'upper' | 'missing'>;
  /** Of the trials' figures, where there are several. */
  median?: { value: number; interval?: Interval };
}

/** What the history keeps of a result. */
export const summaryOf = (result: DrillResult): DrillSummary => {
  const processors = steadyLoad(result);
  const { id, name, title, tags, started, lasted, verdict, reason, outcome, trials, targets } = result;
  return {
    id,
    name,
    title,
    tags,
    started,
    lasted,
    verdict,
    reason,
    outcome,
    trials: validTrials(trials),
    targets: targets.map(targetSummary),
    lab: result.lab.name,
    ...(processors !== undefined && { processors: Number(processors.toFixed(3)) }),
    facts: factsOf(result),
  };
};

function targetSummary(target: TargetResult): TargetSummary {
  const { text, metric, subject, event, unit, comparison, limit, aggregate, verdict, statistics } = target;
  const { measured, interval } = statistics?.median ?? {};
  return {
    text,
    metric,
    subject,
    ...(event !== undefined && { event }),
    unit,
    comparison,
    limit,
    aggregate,
    verdict,
    ...(target.measured && { measured: withoutPlace(target.measured) }),
    ...(measured && { median: { value: measured.value, ...(interval && { interval }) } }),
  };
}

const withoutPlace = ({ of: _, ...rest }: Measurement): Omit<Measurement, 'of'> => rest;

function factsOf({ files, environment, lab }: DrillResult): Record<string, string> {
  const [scenario, ...others] = files;
  const { faildrill = '', kernel = '', cpu = '', cpus = 0 } = environment ?? {};
  return {
    scenario: scenario?.sha256.slice(0, 12) ?? '',
    ...Object.fromEntries(others.map(({ path, sha256 }) => [`file ${path}`, sha256.slice(0, 12)])),
    runtime: lab.runtime,
    ...(environment && { faildrill, kernel, processor: `${cpus} × ${cpu}` }),
  };
}
