import type { Metric, Subject } from '../analysis/metrics/metric.js';
import { metricNamed, metrics } from '../analysis/metrics/registry.js';
import { unknownName } from '../document/nearest.js';
import { faultName } from '../faults/registry.js';
import { probeKind } from '../probes/registry.js';
import { isTransit, type Topology, TRANSIT } from '../topology/topology.js';
import { watchKind } from '../watches/registry.js';
import { isPolled } from '../watches/watch.js';
import { operatorSteps } from './operators.js';
import { noPath, pathProbe } from './path-probe.js';
import { actingSteps, type Scenario, type Step, type Target } from './schema.js';
import { aggregateName } from './target.js';
import { formatDuration } from './units.js';

const UNITS = {
  duration: 'a duration, as 3s',
  share: 'a share, as 95%',
  rate: 'a bit rate, as 10mbit',
  number: 'a number',
} as const;

/** What is wrong with a target in its scenario, or nothing. */
export function checkTarget(scenario: Scenario, target: Target, topology: Topology): string | undefined {
  const metric = metricNamed(target.metric);
  if (!metric) return unknownName('metric', target.metric, Object.keys(metrics));
  const subjects = checkSubjects(scenario, target, metric.subject);
  if (subjects !== undefined) return subjects;
  if (target.unit !== metric.unit) return `${metric.name} is limited by ${UNITS[metric.unit]}`;
  if (
    target.event &&
    (metric.subject === 'sessions' || metric.subject === 'operator step' || metric.needsTransit)
  )
    return `${metric.name} is about the whole trial; leave "after" out`;
  const refused = metric.refuses?.(scenario.probes[target.subjects[0]!]!);
  if (refused !== undefined) return refused;
  if (metric.needsPath && pathProbe(scenario, target.subjects[0]) === undefined)
    return noPath(target.subjects[0]!);
  if (metric.needsTransit && !topology.links.some(({ name }) => isTransit(topology, name)))
    return `${metric.name} is of links that are labelled as transit, and the lab has none: labels: { ${TRANSIT}: "true" }`;
  if (metric.needsState) {
    const momentary = target.subjects.find((name) => watchKind(scenario.watches[name]!).isMomentary);
    if (momentary !== undefined)
      return `${metric.name} is of what is so for some time; "${momentary}", of kind ${scenario.watches[momentary]!.kind}, sees instants`;
  }
  if (metric.needsEvents) {
    const watch = scenario.watches[target.subjects[0]!]!;
    if (isPolled(watchKind(watch)))
      return `${metric.name} counts what a watch senses; "${target.subjects[0]}", of kind ${watch.kind}, only looks from time to time`;
  }
  if (scenario['until-decided']) {
    const why = whyUndecidable(target);
    if (why !== undefined) return why;
  }
  return checkEvent(scenario, target) ?? (metric.bySampling ? checkResolution(scenario, target) : undefined);
}

/** Why no number of trials decides a target, or nothing: a single trial neither meets nor misses such a one. */
export const whyUndecidable = ({ text, comparison, aggregate }: Target): string | undefined =>
  comparison === '=' && aggregate
    ? `"${text}" cannot be decided trial by trial; say it without ${aggregateName(aggregate)}`
    : undefined;

const EXAMPLES: Partial<Record<Subject, string>> = { watch: 'a watch', 'operator step': 'an operator step' };

function checkSubjects(
  { probes, watches, steps }: Scenario,
  { metric, subjects }: Target,
  wanted: Subject,
): string | undefined {
  if (wanted === 'operators')
    return subjects.length === 0
      ? undefined
      : `${metric} is of whoever notices first: ${metric}, or ${metric}(after cut)`;
  const expected = wanted === 'two watches' ? 2 : 1;
  if (subjects.length !== expected) {
    const example = wanted === 'two watches' ? 'noticed, rerouted' : (EXAMPLES[wanted] ?? 'a probe');
    return `${metric} needs ${expected === 1 ? 'one name' : 'two names'} in parentheses: ${metric}(${example})`;
  }
  for (const subject of subjects) {
    if (wanted === 'watch' || wanted === 'two watches') {
      if (!Object.hasOwn(watches, subject)) return unknownName('watch', subject, Object.keys(watches));
      continue;
    }
    if (wanted === 'operator step') {
      const names = operatorSteps(steps).map((step) => step.as);
      if (!names.includes(subject)) return unknownName('operator step', subject, names);
      continue;
    }
    const probe = probes[subject];
    if (!Object.hasOwn(probes, subject) || !probe) return unknownName('probe', subject, Object.keys(probes));
    if (!probeKind(probe).families.includes(wanted)) {
      const fitting = Object.entries(probes).filter(([, other]) =>
        probeKind(other).families.includes(wanted),
      );
      const names = fitting.map(([name]) => `"${name}"`).join(', ');
      return `the scenario does not measure ${metric} with "${subject}", of kind ${probe.kind}; ${names ? `it does with ${names}` : `no probe of it can`}`;
    }
  }
  return undefined;
}

function checkEvent({ steps }: Scenario, { metric, event }: Target): string | undefined {
  const acting = actingSteps(steps.filter((step) => !('chaos' in step)));
  if (!event) return isDrawn(steps, metricNamed(metric)!.from) ? DRAWN : undefined;
  const injected = acting.flatMap((step) => ('inject' in step ? [faultName(step)] : []));
  if (!injected.includes(event.fault)) return unknownName('fault', event.fault, injected);
  const isCleared = acting.some((step) => 'clear' in step && step.clear === event.fault);
  return event.clear && !isCleared ? `the fault "${event.fault}" is never cleared` : undefined;
}

const DRAWN =
  'this is measured from a fault that a chaos step draws; limit what is of the whole trial, as longest_loss_period(app)';

/** Whether the event that a metric is measured from, where a target names none, is one of a chaos step. */
function isDrawn(steps: Scenario['steps'], from: Metric['from']): boolean {
  if (from === 'trial') return false;
  const has = (step: Step) => 'chaos' in step || actingSteps([step]).some((acting) => from in acting);
  const deciding = from === 'inject' ? steps.find(has) : steps.findLast(has);
  return deciding !== undefined && 'chaos' in deciding;
}

/** A limit below twice the sampling interval can never be decided. */
function checkResolution({ probes }: Scenario, { subjects, value, comparison }: Target): string | undefined {
  const probe = probes[subjects[0]!]!;
  const interval = probeKind(probe).interval(probe as never);
  if (value >= 2 * interval || comparison.startsWith('>')) return undefined;
  return `the probe "${subjects[0]}" sends every ${formatDuration(interval)} and cannot resolve ${formatDuration(value)}; the least it can is ${formatDuration(2 * interval)}`;
}
