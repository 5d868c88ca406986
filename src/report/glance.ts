import type { RowVerdict } from '../analysis/comparison/result.js';
import type { Verdict } from '../analysis/judge.js';
import type { Measurement } from '../analysis/measurement.js';
import { type Quantity, quantityName } from '../analysis/quantity.js';
import type { DrillResult, MeasuredResult, TargetResult } from '../analysis/result.js';
import { formatMeasurement, formatValue } from './words.js';

/** What a drill cost the users of one service, for those who read no more than that. */
export interface ServiceCost {
  service: string;
  /** From where to where, and how many flows or sessions. */
  whom: string;
  cost: string;
  allowed: string;
  /** Nothing where nothing limits it. */
  verdict?: Verdict;
  /** Against the drill before; empty where there is none. */
  lastTime: string;
}

/** Metrics that say what an interruption cost, the first that a target limits counts. */
const COSTS = ['recovery_time', 'loss_of_connectivity', 'sessions_survived'];

/** What the drill cost the users of each service that it watched. */
export function servicesOf(result: DrillResult): ServiceCost[] {
  return result.method.probes.flatMap(({ probe, kind, from, to, streams }) => {
    const target = COSTS.flatMap((metric) => result.targets.filter((one) => isOf(one, metric, probe)))[0];
    const measured = COSTS.flatMap((metric) =>
      result.measured.filter((one) => isOf(one, metric, probe) && one.event === undefined),
    )[0];
    const shown = target ?? measured;
    if (!shown) return [];
    const worst = target ? target.measured : worstOf(measured!);
    return [
      {
        service: probe,
        whom: `${from} to ${to} (${kind}, ${streams} ${streams === 1 ? 'stream' : 'streams'})`,
        cost: costOf(shown, worst),
        allowed: target
          ? `${ALLOWED[target.verdict]}: ${target.comparison} ${formatValue(target.limit, target.unit)}`
          : 'no limit set',
        ...(target && { verdict: target.verdict }),
        lastTime: lastTimeOf(result, shown),
      },
    ];
  });
}

const ALLOWED: Record<Verdict, string> = { pass: 'yes', fail: 'no', inconclusive: 'not decided' };

const isOf = (one: Quantity, metric: string, probe: string): boolean =>
  one.metric === metric && one.subject === probe;

/** The worst figure of all trials. */
function worstOf({ metric, trials }: MeasuredResult): Measurement {
  const figures = trials.map(({ measurement }) => measurement).sort((a, b) => a.value - b.value);
  return (metric === 'sessions_survived' ? figures[0] : figures.at(-1))!;
}

function costOf(shown: TargetResult | MeasuredResult, worst: Measurement | undefined): string {
  const { metric, unit, statistics, event } = shown;
  const since = event === undefined ? '' : ` after ${event}`;
  if (!worst) return 'not measured';
  if (metric === 'sessions_survived') return `${formatValue(worst.value, unit)} of the sessions survived`;
  if (worst.missing !== undefined) return `${formatMeasurement(worst, unit)}${since}`;
  if (worst.value === 0) return `not interrupted${since}`;
  const median = statistics?.median.measured?.value;
  const most = `${formatMeasurement(worst, unit)}${since}`;
  return median === undefined ? most : `at worst ${most}; median ${formatValue(median, unit)}`;
}

const CHANGES: Record<RowVerdict, string> = {
  worse: 'worse',
  better: 'better',
  same: 'the same',
  'not worse': 'not worse',
  different: 'different',
  'cannot tell': 'cannot tell',
};

function lastTimeOf({ previous }: DrillResult, quantity: Quantity): string {
  const row = previous?.rows.find((row) => quantityName(row) === quantityName(quantity));
  if (!row) return '';
  const value = (sample: number | undefined) =>
    sample === undefined ? 'not measured' : formatValue(sample, row.unit);
  return `median ${value(row.before)} then, ${value(row.now)} now: ${CHANGES[row.verdict]}`;
}

/** How the drill compares with the one before it, in a sentence; nothing where none is known. */
export function lastTimeInWords({ previous }: DrillResult): string | undefined {
  if (!previous) return undefined;
  const { started, verdict, reason, drill } = previous;
  const against = `the drill of ${started.slice(0, 16).replace('T', ' ')} UTC, which ${PASSED[drill]}`;
  const how = {
    worse: 'It is worse than last time',
    'not worse': 'It is not worse than last time',
    'cannot tell': 'Whether it is worse than last time cannot be told',
  }[verdict];
  return `${how}, ${against} (${reason}).`;
}

const PASSED: Record<Verdict, string> = { pass: 'passed', fail: 'failed', inconclusive: 'was inconclusive' };
