import type { Event } from '../recording/events.js';
import type { Target } from '../scenario/target.js';
import { decide, verdictAfter } from './decision.js';
import { DrillData } from './drill-data.js';
import { judgeTarget, type Verdict } from './judge.js';
import { type JudgedTrial, quantitiesOf } from './judged-trial.js';
import { best, type Measurement, worst } from './measurement.js';
import { labOf, methodOf } from './method.js';
import type { Metric } from './metrics/metric.js';
import { metricNamed } from './metrics/registry.js';
import { overTrials } from './over-trials.js';
import { phaseResults } from './phases.js';
import { quantityOf } from './quantity.js';
import { type DrillResult, type MeasuredResult, RESULT_VERSION, type TargetResult } from './result.js';
import { timerResults } from './timers.js';
import { TrialBook } from './trial-book.js';

/**
 * Judges a recording. Depends on nothing else: the same events give the same result.
 * @param events of one recording, in order
 */
export function analyze(events: Iterable<Event>): DrillResult {
  const data = new DrillData();
  const book = new TrialBook(data);
  for (const event of events) {
    data.add(event);
    if (event.k === 'trial') book.settle();
  }
  data.close();
  const { scenario, header, topology, scenarioEvent, environment } = data;
  if (!header || !topology || !scenarioEvent)
    throw new Error('the recording ends before the lab was described');
  book.close();
  const { judged } = book;
  const valid = judged.flatMap(({ trial: { trial }, figures }) => (figures ? [{ trial, ...figures }] : []));
  const targets = scenario.targets.map((target, index) =>
    targetResult(
      data,
      target,
      valid.map(({ trial, targets }) => ({ trial, all: targets[index]! })),
    ),
  );
  const failures = failuresOf(judged);
  const altered = alteredOf(data);
  const { verdict, reason } = conclude({ data, judged, targets, failures, altered });
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
    phases: phaseResults(valid),
    timers: timerResults(scenario, valid),
    trials: judged.map(({ result }) => result),
    lab: labOf(data, book.paths),
    files: [scenarioEvent.file, ...topology.files],
    ...(data.file && { recording: { ...data.file, ...(altered !== undefined && { altered }) } }),
    ...(environment && { environment: withoutKind(environment) }),
    method: methodOf(data, book.lateness),
  };
}

const withoutKind = <T extends { k: string }>({ k: _, ...rest }: T): Omit<T, 'k'> => rest;

/** What one trial measured of something. */
interface TrialFigures {
  trial: number;
  all: readonly Measurement[];
}

function targetResult(data: DrillData, target: Target, figures: readonly TrialFigures[]): TargetResult {
  const metric = metricNamed(target.metric)!;
  const all = figures.flatMap(({ all }) => all);
  const isMeasured = figures.length > 0 && figures.every(({ all }) => all.length > 0);
  const judged = isMeasured ? judgeTarget(target, all) : undefined;
  const trials = figures
    .filter(({ all }) => all.length > 0)
    .map(({ trial, all }) => ({ trial, measurement: judgeTarget(target, all).measured }));
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

/** Every quantity that a valid trial measured. */
const measuredResults = (
  data: DrillData,
  valid: readonly { trial: number; measured: readonly Measurement[][] }[],
): MeasuredResult[] =>
  quantitiesOf(data).flatMap((quantity, index): MeasuredResult[] => {
    const metric = metricNamed(quantity.metric)!;
    const trials = valid.flatMap(({ trial, measured }) => {
      const all = measured[index]!;
      return all.length === 0 ? [] : [{ trial, measurement: worstFigure(metric, all) }];
    });
    // That nobody noticed is a figure only where a target asks for one.
    const isWanted =
      metric.subject !== 'operators' ||
      data.scenario.targets.some((target) => target.metric === metric.name) ||
      trials.some(({ measurement }) => measurement.missing === undefined);
    return trials.length === 0 || !isWanted
      ? []
      : [{ ...quantityOf(quantity), unit: metric.unit, trials, ...overTrials(trials) }];
  });

/** The figure of a trial that nobody wants. */
const worstFigure = ({ prefers }: Metric, all: readonly Measurement[]): Measurement =>
  prefers === 'more' ? best(all) : worst(all);

/** What the scenario expects besides its targets, and did not get, as far as the instruments can be trusted. */
function failuresOf(judged: readonly JudgedTrial[]): string[] {
  const trusted = judged.filter(({ result }) => result.valid).map(({ trial }) => trial);
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
  judged: readonly JudgedTrial[];
  targets: readonly TargetResult[];
  failures: readonly string[];
  altered: string | undefined;
}): { verdict: Verdict; reason: string } {
  const { data, judged, targets, failures, altered } = options;
  const { scenario, outcome, problems, aborted } = data;
  const valid = judged.filter(({ figures }) => figures);
  if (altered !== undefined) return { verdict: 'inconclusive', reason: altered };
  const failed = targets.filter(({ verdict }) => verdict === 'fail');
  if (failed.length > 0)
    return { verdict: 'fail', reason: `missed: ${failed.map(({ text }) => text).join('; ')}` };
  if (failures.length > 0) return { verdict: 'fail', reason: failures[0]! };
  if (aborted !== undefined) return { verdict: 'fail', reason: `aborted: ${aborted}` };
  const undecided = (reason: string) => ({ verdict: 'inconclusive' as const, reason });
  if (outcome === 'interrupted') return undecided(interruptionOf(data));
  if (problems.length > 0) return undecided(problems[0]!);
  if (outcome !== 'complete') return undecided('the recording ends in the middle of the drill');
  if (valid.length < scenario.trials) {
    const why = judged.flatMap(({ result }) => result.disturbances)[0];
    return undecided(`${valid.length} of ${scenario.trials} trials are valid${why ? `: ${why}` : ''}`);
  }
  const open = targets.filter(({ verdict }) => verdict === 'inconclusive');
  if (open.length > 0) return undecided(`undecided: ${open.map(({ text }) => text).join('; ')}`);
  return {
    verdict: 'pass',
    reason: `${targets.length === 1 ? 'the target' : `all ${targets.length} targets`} met in ${plural(valid.length, 'trial')}`,
  };
}

/** That somebody stopped the drill, and who, where that was said. */
function interruptionOf({ trial, early }: DrillData): string {
  const stop = (trial?.acts ?? early).findLast(({ act }) => act === 'abort');
  return stop
    ? `the drill was aborted by ${stop.who}${stop.text ? `: ${stop.text}` : ''}`
    : 'the drill was interrupted';
}

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
