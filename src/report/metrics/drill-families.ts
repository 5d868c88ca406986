import type { Verdict } from '../../analysis/judge.js';
import type { Measurement } from '../../analysis/measurement.js';
import type { Quantity } from '../../analysis/quantity.js';
import type { DrillResult, MeasuredResult } from '../../analysis/result.js';
import { statisticsOf } from '../../analysis/statistics/quantiles.js';
import type { Unit } from '../../scenario/target.js';
import type { Family, MetricUnit, Sample } from './family.js';

const VERDICTS: readonly Verdict[] = ['pass', 'fail', 'inconclusive'];

/** How a figure of each unit is given: durations in seconds, the base unit, instead of nanoseconds. */
const UNITS: Record<Unit, { unit?: MetricUnit; per: number }> = {
  duration: { unit: 'seconds', per: 1e9 },
  share: { unit: 'ratio', per: 1 },
  rate: { unit: 'bits_per_second', per: 1 },
  number: { per: 1 },
};

/** A figure with its bounds and what it is of. */
interface Figure {
  unit: Unit;
  labels: Record<string, string>;
  measurement: Measurement;
}

/** What a drill says in figures: verdicts, limits, and what was measured with its bounds. */
export function drillFamilies(result: DrillResult): Family[] {
  const { name: drill, targets, trials, failures, problems } = result;
  const valid = trials.filter(({ valid }) => valid).length;
  const judged = targets.map((target) => ({
    ...target,
    labels: {
      drill,
      target: target.text,
      ...labelsOf(target),
      aggregate: target.aggregate,
      comparison: target.comparison,
    },
  }));
  return [
    info(result),
    {
      name: 'faildrill_drill_start_time',
      unit: 'seconds',
      help: 'When the drill began, as Unix time.',
      samples: [{ labels: { drill }, value: Date.parse(result.started) / 1000 }],
    },
    {
      name: 'faildrill_drill_duration',
      unit: 'seconds',
      help: 'Time from the beginning of the recording to the end of the last trial.',
      samples: [{ labels: { drill }, value: result.lasted / 1e9 }],
    },
    {
      name: 'faildrill_drill_verdict',
      help: 'What the drill came to: 1 for the verdict that it has, 0 for the others.',
      samples: verdictSamples({ drill }, result.verdict),
    },
    {
      name: 'faildrill_drill_trials',
      help: 'Trials by whether the instruments can be trusted in them.',
      samples: [
        { labels: { drill, state: 'valid' }, value: valid },
        { labels: { drill, state: 'invalid' }, value: trials.length - valid },
      ],
    },
    {
      name: 'faildrill_drill_failures',
      help: 'Expectations of the scenario other than its targets that were not met.',
      samples: [{ labels: { drill }, value: failures.length }],
    },
    {
      name: 'faildrill_drill_problems',
      help: 'Things that went wrong and are no result.',
      samples: [{ labels: { drill }, value: problems.length }],
    },
    {
      name: 'faildrill_target_verdict',
      help: 'What a target came to: 1 for the verdict that it has, 0 for the others.',
      samples: judged.flatMap(({ text, verdict }) => verdictSamples({ drill, target: text }, verdict)),
    },
    ...byUnit(
      { name: 'faildrill_target_limit', help: 'What a target allows.' },
      judged.map(({ labels, unit, limit }) => ({ labels, unit, value: limit })),
    ),
    ...bounded(
      { name: 'faildrill_target_measured', help: 'What was measured for a target' },
      judged.flatMap(({ labels, unit, measured }) =>
        measured ? [{ labels, unit, measurement: measured }] : [],
      ),
    ),
    ...bounded(
      {
        name: 'faildrill_measured',
        help: 'What was measured in the valid trials, the worst of each, whether or not a target asks for it',
      },
      result.measured.flatMap((quantity) => statisticFigures(drill, quantity)),
    ),
  ];
}

const info = ({ name: drill, id, title, tags, seed, outcome, lab, environment }: DrillResult): Family => ({
  name: 'faildrill_drill',
  isInfo: true,
  help: 'Which drill it was.',
  samples: [
    {
      labels: {
        drill,
        id,
        title,
        tags: tags.join(','),
        seed: String(seed),
        outcome,
        lab: lab.name,
        faildrill: environment?.faildrill ?? '',
        kernel: environment?.kernel ?? '',
      },
      value: 1,
    },
  ],
});

const labelsOf = ({ metric, subject, event = '' }: Quantity) => ({ metric, subject, event });

const verdictSamples = (labels: Record<string, string>, actual: Verdict): Sample[] =>
  VERDICTS.map((verdict) => ({ labels: { ...labels, verdict }, value: verdict === actual ? 1 : 0 }));

/** Least, median, 95th percentile and most of the trials, those of them that there are enough trials for. */
function statisticFigures(drill: string, quantity: MeasuredResult): Figure[] {
  const { trials, unit, statistics = statisticsOf(trials.map(({ measurement }) => measurement)) } = quantity;
  const { min, median, p95, max } = statistics;
  const figures = { min, median: median.measured, p95: p95.measured, max };
  return Object.entries(figures).flatMap(([statistic, measurement]) =>
    measurement ? [{ unit, labels: { drill, ...labelsOf(quantity), statistic }, measurement }] : [],
  );
}

/** Three families for each unit: the value, and the bounds that the actual one lies between. */
function bounded({ name, help }: Pick<Family, 'name' | 'help'>, figures: readonly Figure[]): Family[] {
  const kinds = [
    { key: 'value', suffix: '', what: '; +Inf where its end was not seen.' },
    { key: 'lower', suffix: '_lower', what: ': the actual value is at least this.' },
    { key: 'upper', suffix: '_upper', what: ': the actual value is at most this.' },
  ] as const;
  return kinds.flatMap(({ key, suffix, what }) =>
    byUnit(
      { name: `${name}${suffix}`, help: `${help}${what}` },
      figures.map(({ unit, labels, measurement }) => ({ unit, labels, value: measurement[key] })),
    ),
  );
}

/** One family for each unit that occurs. */
function byUnit(
  family: Pick<Family, 'name' | 'help'>,
  figures: readonly (Sample & { unit: Unit })[],
): Family[] {
  return (Object.keys(UNITS) as Unit[]).flatMap((kind) => {
    const { per, ...unit } = UNITS[kind];
    const samples = figures
      .filter(({ unit }) => unit === kind)
      .map(({ labels, value }) => ({ labels, value: value / per }));
    return samples.length > 0 ? [{ ...family, ...unit, samples }] : [];
  });
}
