import type { Metric } from '../analysis/metrics/metric.js';
import { metricNamed } from '../analysis/metrics/registry.js';
import { BIN, binsFor } from '../analysis/path.js';
import { quantityName, quantityOf } from '../analysis/quantity.js';
import type { Document } from '../document/document.js';
import type { Problem } from '../document/problem.js';
import { faultKind, faultName } from '../faults/registry.js';
import { probeKind } from '../probes/registry.js';
import type { Topology } from '../topology/topology.js';
import { watchKind } from '../watches/registry.js';
import { actingSteps, type Scenario, type Target } from './schema.js';
import { labTimers } from './timers/lab-timers.js';
import type { Timer } from './timers/timer.js';
import { formatDuration } from './units.js';

/** What of a good scenario may surprise its author: limits below what an instrument can tell, or a timer of the lab allows. */
export function warningsOf(document: Document, scenario: Scenario, topology: Topology): Problem[] {
  const timers = labTimers(topology);
  return scenario.targets.flatMap((target, index) => {
    const metric = metricNamed(target.metric)!;
    if (metric.unit !== 'duration' || !target.comparison.startsWith('<')) return [];
    const all = [
      tooFine(scenario, target, metric),
      belowStated(scenario, target) ?? tooSoon({ scenario, target, metric, timers }),
    ];
    return all.flatMap((text) => (text === undefined ? [] : [document.problem(['targets', index], text)]));
  });
}

/** What an instrument cannot tell apart, and why; nothing where a probe's interval is checked anyway. */
function errorOf({ probes, watches }: Scenario, { subjects }: Target, metric: Metric) {
  if (metric.subject === 'watch' || metric.subject === 'two watches') {
    const resolutions = subjects.map((name) => watchKind(watches[name]!).resolution(watches[name]! as never));
    const names = subjects.map((name) => `"${name}"`).join(' and ');
    const error = resolutions.reduce((sum, one) => sum + one, 0);
    return {
      error,
      why: `${names} can tell an instant to ${formatDuration(error)}${subjects.length > 1 ? ' together' : ''}`,
    };
  }
  if (metric.subject === 'operators' || metric.subject === 'operator step') return undefined;
  const name = subjects[0]!;
  const kind = probeKind(probes[name]!);
  const interval = kind.interval(probes[name]! as never);
  if (metric.subject === 'sessions') {
    return { error: interval, why: `"${name}" sends a record every ${formatDuration(interval)}` };
  }
  if (!metric.needsPath || metric.bySampling) return undefined;
  const { flows, ways } = kind.streams(probes[name]! as never);
  const error = binsFor((flows * ways.length * 1e9) / interval) * BIN;
  return { error, why: `which way "${name}" goes is told every ${formatDuration(error)}` };
}

/** Why a target may stay undecided, or nothing. */
function tooFine(scenario: Scenario, target: Target, metric: Metric): string | undefined {
  const { error, why } = errorOf(scenario, target, metric) ?? { error: 0, why: '' };
  if (target.value >= 2 * error) return undefined;
  return `${why}, so a limit below ${formatDuration(2 * error)} may stay undecided`;
}

/** Why a target can hardly be met, or nothing: by what the scenario itself says of its timers. */
function belowStated({ timers }: Scenario, target: Target): string | undefined {
  const name = quantityName(quantityOf(target));
  const stated = timers
    .flatMap(({ timer, implies }) => implies.map(({ atLeast }) => ({ timer, atLeast })))
    .find(
      ({ atLeast }) => atLeast && quantityName(quantityOf(atLeast)) === name && target.value <= atLeast.value,
    );
  return (
    stated &&
    `the timer "${stated.timer}" implies at least ${formatDuration(stated.atLeast!.value)}, as this scenario says`
  );
}

/** Why a target can hardly be met, or nothing: nobody notices a silent fault before the lab's timers say so. */
function tooSoon(options: {
  scenario: Scenario;
  target: Target;
  metric: Metric;
  timers: ReadonlyMap<string, Timer[]>;
}): string | undefined {
  const { scenario, target, metric, timers } = options;
  if (!metric.isDetected || !isSilent(scenario, target)) return undefined;
  const watch = metric.subject === 'watch' ? scenario.watches[target.subjects[0]!] : undefined;
  const fitting = [...timers].flatMap(([node, list]) =>
    list
      .filter(
        (timer) => !watch || (node === watch.node && watchKind(watch).isTimedBy?.(watch as never, timer)),
      )
      .map((timer) => ({ node, ...timer })),
  );
  const first = fitting.sort((a, b) => a.least - b.least)[0];
  if (!first || target.value > first.least) return undefined;
  const { node, text, least } = first;
  const when = Number.isFinite(least) ? `not before ${formatDuration(least)}` : 'never';
  return `the fastest timer that could notice this fault is of ${node}: ${text}, ${when}`;
}

/** Whether only a timer tells of the fault that a target is about. */
function isSilent({ steps }: Scenario, { event }: Target): boolean {
  if (event?.clear) return false;
  const injected = actingSteps(steps).flatMap((step) => ('inject' in step ? [step] : []));
  const fault = event ? injected.find((step) => faultName(step) === event.fault) : injected[0];
  return fault !== undefined && (faultKind(fault).isSilent?.(fault as never) ?? false);
}
