import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { DrillResult, MeasuredResult, TargetResult, TimerResult } from '../analysis/result.js';
import { statisticsOf } from '../analysis/statistics/quantiles.js';
import { validTrials } from '../analysis/valid-trials.js';
import { packageFile } from '../paths.js';
import { formatDuration } from '../scenario/units.js';
import { distribution } from './charts/distribution.js';
import { numberMarks, timeline } from './charts/timeline.js';
import { momentsOf, topologyPicture } from './charts/topology.js';
import { waterfallChart } from './charts/waterfall.js';
import { drawnTrials, omittedInWords } from './drawn-trials.js';
import { servicesOf } from './glance.js';
import { describeRemarks, operatorRows } from './operators.js';
import type { ReportFormat } from './report.js';
import { findingsOf, openingOf } from './summary.js';
import {
  describeCalibration,
  describeFit,
  describeImplied,
  describeLosses,
  describeNodes,
  describeSeal,
  FIT_SIGNS,
  filesOf,
  formatLimit,
  formatMeasurement,
  formatStatistics,
  formatValue,
  inSeconds,
  SIGNS,
} from './words.js';

/** Reads one of the templates. */
export const template = (name: string) => readFileSync(packageFile(`src/report/templates/${name}`), 'utf8');

/** Everything that the page's template shows, ready to be read. */
export function pageOf(result: DrillResult) {
  const { environment, method, trials, targets, lab } = result;
  const drawn = drawnTrials(result);
  return {
    ...result,
    style: template('drill.css'),
    zoom: template('zoom.js'),
    sign: SIGNS[result.verdict],
    opening: openingOf(result),
    findings: findingsOf(result),
    services: servicesOf(result).map((service) => ({
      ...service,
      verdict: service.verdict ?? '',
      sign: service.verdict ? SIGNS[service.verdict] : '',
    })),
    hasPrevious: result.previous !== undefined,
    validTrials: validTrials(trials),
    lasted: formatDuration(result.lasted),
    deployed: lab.deployed === undefined ? '' : formatDuration(lab.deployed),
    objective: result.objective ?? '',
    targets: targets.map((target) => ({
      ...target,
      sign: SIGNS[target.verdict],
      shown: formatMeasurement(target.measured, target.unit),
      of: target.measured?.of ?? '',
      limit: formatLimit(target),
    })),
    distributions:
      trials.length > 1
        ? targets
            .map((target) => ({ text: target.text, chart: distribution(target), spread: spreadOf(target) }))
            .filter(({ chart }) => chart)
        : [],
    hasSpread: trials.length > 1,
    phases: result.phases.map((phases) => ({ fault: phases.fault, chart: waterfallChart(phases) })),
    timers: result.timers.flatMap(timerRows),
    hasMoments: momentsOf(lab).length > 1,
    moments: momentsOf(lab).map((moment) => ({
      name: moment.name,
      title: moment.title,
      isShown: moment.name === 'during',
      chart: topologyPicture(lab, moment),
    })),
    omitted: omittedInWords(trials.length - drawn.length),
    trials: drawn.map((trial) => ({
      ...trial,
      chart: timeline(trial),
      disturbed: trial.disturbances.join('; '),
      lasted: formatDuration(trial.to - trial.from),
      legend: numberMarks(trial).map(({ number, kind, label, offset, error }) => ({
        number,
        kind,
        label,
        at: `${signed(inSeconds(offset))} s`,
        error: `±${formatDuration(error)}`,
      })),
      losses: describeLosses(trial),
      nodes: describeNodes(trial),
      operators: operatorRows(trial),
      remarks: describeRemarks(trial),
    })),
    measured: result.measured.map(measuredRow),
    method: {
      ...method,
      threshold: formatDuration(method.threshold),
      validation: formatDuration(method.validation),
      lateness: `median ${formatDuration(method.lateness.median)}, 99th percentile ${formatDuration(method.lateness.p99)}, most ${formatDuration(method.lateness.max)}`,
      processor: formatValue(method.processor, 'share'),
      netem: method.netem && `${method.netem.engine}, at worst ${formatDuration(method.netem.late)} late`,
      probes: method.probes.map((probe) => ({ ...probe, interval: formatDuration(probe.interval) })),
      watches: method.watches.map((watch) => ({ ...watch, resolution: formatDuration(watch.resolution) })),
    },
    environment: environment && {
      ...environment,
      memory: `${(environment.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
      load: environment.load.join(', '),
      calibrated: describeCalibration(environment.calibration),
      programs: Object.entries(environment.programs).map(([name, version]) => ({ name, version })),
    },
    command: result.command.join(' '),
    seal: describeSeal(result),
    files: filesOf(result),
  };
}

const signed = (number: string) => (number.startsWith('-') ? `−${number.slice(1)}` : `+${number}`);

/** A row for each thing that a timer implies; the timer itself stands in the first. */
const timerRows = ({ timer, value, where = '', implies }: TimerResult) =>
  implies.map((implied, index) => ({
    ...(index === 0 ? { timer, value, where } : { timer: '', value: '', where: '' }),
    text: implied.text,
    sign: FIT_SIGNS[implied.verdict],
    kind: implied.verdict === 'agrees' ? 'pass' : implied.verdict === 'contradicts' ? 'fail' : 'inconclusive',
    shown: describeImplied(implied),
    fit: describeFit(implied),
  }));

/** A quantity over all trials. */
function measuredRow({ metric, subject, event, unit, trials, statistics }: MeasuredResult) {
  const shown = statistics ?? statisticsOf(trials.map(({ measurement }) => measurement));
  const [, min, median, p95, max] = formatStatistics(shown, unit);
  return {
    metric,
    subject: event === undefined ? subject : `${subject} after ${event}`,
    min,
    median,
    p95,
    max,
    of: shown.max.of ?? '',
  };
}

/** What several trials say of a target, in a sentence. */
function spreadOf({ statistics, unit }: TargetResult): string {
  if (!statistics) return '';
  const [trials, min, median, p95, max] = formatStatistics(statistics, unit);
  return `${trials} trials: least ${min}, median ${median}, 95th percentile ${p95}, most ${max}.`;
}

/** One page that needs nothing else: no font, no request, and a script only to look closer at timelines. Readable on paper, light and dark. */
export const html: ReportFormat = {
  name: 'html',
  description: 'the drill report: one self-contained page, also for paper',
  file: 'report.html',
  render: (result) => Handlebars.compile(template('drill.hbs'), { strict: true })(pageOf(result)),
};
