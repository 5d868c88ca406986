import type { Event } from '../recording/events.js';
import type { Target } from '../scenario/target.js';
import { decide, verdictAfter } from './decision.js';
import { DrillData, type Trial } from './drill-data.js';
import { judgeTarget, type Verdict } from './judge.js';
import { measureTarget } from './measure-target.js';
import { best, type Measurement, worst } from './measurement.js';
import { labOf, methodOf } from './method.js';
import type { Metric } from './metrics/metric.js';
import { metricNamed, metrics } from './metrics/registry.js';
import { overTrials } from './over-trials.js';
import { phaseResults, phasesIn } from './phases.js';
import { quantityOf } from './quantity.js';
import { type DrillResult, type MeasuredResult, RESULT_VERSION, type TargetResult } from './result.js';
import { impliedIn, timerResults } from './timers.js';
import { trialResult } from './trial-result.js';
import { disturbances } from './validity.js';

/**
 * Judges a recording. Depends on nothing else: the same events give the same result.
 * @param events of one recording, in order
 */
export function analyze(events: Iterable<Event>): DrillResult {
  const data = new DrillData();
  for (const event of events) data.add(event);
  data.close();
  const { scenario, header, topology, scenarioEvent, environment } = data;
  if (!header || !topology || !scenarioEvent)
    throw new Error('the recording ends before the lab was described');
  const valid = data.trials.filter((trial) => trial.complete && disturbances(data, trial).length === 0);
  const targets = scenario.targets.map((target) => targetResult(data, valid, target));
  const failures = failuresOf(data);
  const altered = alteredOf(data);
  const { verdict, reason } = conclude({ data, valid, targets, failures, altered });
  return {
    version: RESULT_VERSION,
    id: header.id,
    name: scenario.name,
    title: scenario.title,
    ...(scenario.objective !== undefined && { objective: scenario.objective }),
    tags: scenario.tags,
    verdict,
    reason,
    outcome: data.outcome ?? 'killed',
    started: header.anchor.wall,
    lasted: Math.max(0, ...data.trials.map(({ to }) => to)),
    command: header.command,
    seed: scenario.seed,
    scenario: { text: scenarioEvent.text, variables: scenario.variables },
    targets,
    failures,
    problems: data.problems,
    measured: measuredResults(data, valid),
    phases: phaseResults(valid.map((trial) => ({ trial: trial.trial, phases: phasesIn(data, trial) }))),
    timers: timerResults(
      scenario,
      valid.map((trial) => ({ trial: trial.trial, implied: impliedIn(data, trial) })),
    ),
    trials: data.trials.map((trial) => trialResult(data, trial)),
    lab: labOf(data),
    files: [scenarioEvent.file, ...topology.files],
    ...(data.file && { recording: { ...data.file, ...(altered !== undefined && { altered }) } }),
    ...(environment && { environment: withoutKind(environment) }),
    method: methodOf(data),
  };
}

const withoutKind = <T extends { k: string }>({ k: _, ...rest }: T): Omit<T, 'k'> => rest;

function targetResult(data: DrillData, valid: readonly Trial[], target: Target): TargetResult {
  const metric = metricNamed(target.metric)!;
  const figures = valid.map((trial) => ({ trial, all: measureTarget(data, trial, target) }));
  const all = figures.flatMap(({ all }) => all);
  const isMeasured = figures.length > 0 && figures.every(({ all }) => all.length > 0);
  const judged = isMeasured ? judgeTarget(target, all) : undefined;
  const trials = figures
    .filter(({ all }) => all.length > 0)
    .map(({ trial, all }) => ({ trial: trial.trial, measurement: judgeTarget(target, all).measured }));
  const until = data.scenario['until-decided'];
  const sequence = until && { target, trials: figures.map(({ all }) => all), share: until.share };
  return {
    text: target.text,
    ...quantityOf(target),
    description: metric.description,
    source: metric.source,
    unit: metric.unit,
    comparison: target.comparison,
    limit: target.value,
    aggregate: judged?.by ?? '',
    ...(judged && { measured: judged.measured }),
    verdict: sequence ? verdictAfter(sequence) : (judged?.verdict ?? 'inconclusive'),
    ...(sequence && { decision: decide(sequence) }),
    trials,
    ...overTrials(trials),
  };
}

/** Every metric of every subject that it fits, whether or not a target asks for it; and what else targets ask for. */
function measuredResults(data: DrillData, valid: readonly Trial[]): MeasuredResult[] {
  const probes = [...data.probes.values()];
  const { momentary = [] } = data.scenarioEvent ?? {};
  const subjectsOf = ({ subject, needsState }: Metric): string[] => {
    if (subject === 'two watches') return [];
    if (subject === 'watch')
      return Object.keys(data.scenario.watches).filter((name) => !needsState || !momentary.includes(name));
    return probes.filter(({ families }) => families.includes(subject)).map(({ id }) => id);
  };
  const fitting = Object.values<Metric>(metrics).flatMap((metric) =>
    subjectsOf(metric).map((subject) => ({ metric: metric.name, subjects: [subject] })),
  );
  const wanted = [...fitting, ...data.scenario.targets];
  const distinct = new Map(wanted.map((one) => [JSON.stringify(quantityOf(one)), one]));
  return [...distinct.values()].flatMap((one): MeasuredResult[] => {
    const metric = metricNamed(one.metric)!;
    const trials = valid.flatMap((trial) => {
      const all = measureTarget(data, trial, one);
      return all.length === 0 ? [] : [{ trial: trial.trial, measurement: worstFigure(metric, all) }];
    });
    return trials.length === 0
      ? []
      : [{ ...quantityOf(one), unit: metric.unit, trials, ...overTrials(trials) }];
  });
}

/** The figure of a trial that nobody wants. */
const worstFigure = ({ prefers }: Metric, all: readonly Measurement[]): Measurement =>
  prefers === 'more' ? best(all) : worst(all);

/** What the scenario expects besides its targets, and did not get, as far as the instruments can be trusted. */
function failuresOf(data: DrillData): string[] {
  const trusted = data.trials.filter((trial) => disturbances(data, trial).length === 0);
  return trusted.flatMap(({ trial, notSteady, notRestored, checks }) => [
    ...(notSteady === undefined ? [] : [`trial ${trial}: the steady state was never reached: ${notSteady}`]),
    ...(notRestored === undefined ? [] : [`trial ${trial}: not restored: ${notRestored}`]),
    ...checks.filter(({ met }) => !met).map(({ condition }) => `trial ${trial}: check failed: ${condition}`),
  ]);
}

/** How one can tell that a recording is not as it was written, or nothing. Nobody can say what the drill itself has shown. */
function alteredOf({ file, header, outcome }: DrillData): string | undefined {
  if (file?.seal === 'broken')
    return 'the recording was changed after the drill: its SHA-256 is not the one in its last line';
  const isWhole = outcome !== undefined && header?.sealed;
  return file?.seal === 'missing' && isWhole
    ? 'the recording was changed after the drill: its last line, with its SHA-256, is missing'
    : undefined;
}

function conclude(options: {
  data: DrillData;
  valid: readonly Trial[];
  targets: readonly TargetResult[];
  failures: readonly string[];
  altered: string | undefined;
}): { verdict: Verdict; reason: string } {
  const { data, valid, targets, failures, altered } = options;
  const { scenario, outcome, problems, aborted, trials } = data;
  if (altered !== undefined) return { verdict: 'inconclusive', reason: altered };
  const failed = targets.filter(({ verdict }) => verdict === 'fail');
  if (failed.length > 0)
    return { verdict: 'fail', reason: `missed: ${failed.map(({ text }) => text).join('; ')}` };
  if (failures.length > 0) return { verdict: 'fail', reason: failures[0]! };
  if (aborted !== undefined) return { verdict: 'fail', reason: `aborted: ${aborted}` };
  const undecided = (reason: string) => ({ verdict: 'inconclusive' as const, reason });
  if (outcome === 'interrupted') return undecided('the drill was interrupted');
  if (problems.length > 0) return undecided(problems[0]!);
  if (outcome !== 'complete') return undecided('the recording ends in the middle of the drill');
  if (valid.length < scenario.trials) {
    const why = trials.flatMap((trial) => disturbances(data, trial))[0];
    return undecided(`${valid.length} of ${scenario.trials} trials are valid${why ? `: ${why}` : ''}`);
  }
  const open = targets.filter(({ verdict }) => verdict === 'inconclusive');
  if (open.length > 0) return undecided(`undecided: ${open.map(({ text }) => text).join('; ')}`);
  return {
    verdict: 'pass',
    reason: `${targets.length === 1 ? 'the target' : `all ${targets.length} targets`} met in ${plural(valid.length, 'trial')}`,
  };
}

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
