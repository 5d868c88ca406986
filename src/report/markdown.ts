import { quantityName } from '../analysis/quantity.js';
import type { DrillResult, TrialResult } from '../analysis/result.js';
import { formatDuration } from '../scenario/units.js';
import { numberMarks } from './charts/timeline.js';
import { drawnTrials, omittedInWords } from './drawn-trials.js';
import { plain, table } from './markdown-text.js';
import { describeRemarks, OPERATOR_COLUMNS, operatorRows } from './operators.js';
import type { ReportFormat } from './report.js';
import { summarise } from './summary.js';
import {
  describeCalibration,
  describeFit,
  describeImplied,
  describeLosses,
  describeNodes,
  describePhase,
  describeSeal,
  FIT_SIGNS,
  filesOf,
  formatLimit,
  formatMeasurement,
  formatStatistics,
  inSeconds,
  phaseName,
  SIGNS,
} from './words.js';

/** The verdict, the summary and the targets: what fits where there is little room. */
export function openingLines(result: DrillResult): string[] {
  const { verdict, title, objective, targets, failures, problems } = result;
  return [
    `# ${SIGNS[verdict]} ${verdict.toUpperCase()}: ${plain(title)}`,
    '',
    ...(objective ? [plain(objective), ''] : []),
    ...summarise(result).map((sentence) => `${plain(sentence)}  `),
    '',
    '## Targets',
    '',
    ...table(
      ['', 'Target', 'Measured [bounds]', 'Limit'],
      targets.map((target) => [
        SIGNS[target.verdict],
        plain(target.text),
        plain(formatMeasurement(target.measured, target.unit)),
        plain(formatLimit(target)),
      ]),
    ),
    '',
    ...[...failures, ...problems].map((text) => `- ${plain(text)}`),
  ];
}

function lines(result: DrillResult): string[] {
  const { trials, measured, environment, started, command } = result;
  const drawn = drawnTrials(result);
  const omitted = omittedInWords(trials.length - drawn.length);
  return [
    ...openingLines(result),
    ...result.phases.flatMap(({ fault, phases }) => [
      '',
      `## Phases after ${plain(fault)}`,
      '',
      ...table(
        ['Phase', 'Time from the fault [bounds]'],
        phases.map((phase) => [plain(phaseName(phase)), plain(describePhase(phase))]),
      ),
    ]),
    ...timersOf(result),
    ...(omitted ? ['', plain(omitted)] : []),
    ...drawn.flatMap((trial) => [
      '',
      `## Trial ${trial.trial}${trial.valid ? '' : ` (invalid: ${plain(trial.disturbances.join('; '))})`}`,
      '',
      ...table(
        ['Seconds from the first fault', 'Error', 'What happened'],
        numberMarks(trial).map(({ offset, error, label }) => [
          inSeconds(offset),
          `±${formatDuration(error)}`,
          plain(label),
        ]),
      ),
      '',
      ...operatorTable(trial),
      ...[...describeRemarks(trial), ...describeLosses(trial), ...describeNodes(trial)].map(
        (text) => `- ${plain(text)}`,
      ),
    ]),
    '',
    ...overTrials(result),
    '## All measured quantities',
    '',
    ...table(
      ['Quantity', 'Of', 'Trial', 'Measured [bounds]'],
      measured.flatMap(({ metric, subject, event, unit, trials }) =>
        trials.map(({ trial, measurement }) => [
          plain(metric),
          plain(event === undefined ? subject : `${subject} after ${event}`),
          String(trial),
          plain(formatMeasurement(measurement, unit)),
        ]),
      ),
    ),
    '',
    '## How to do it again',
    '',
    `Started ${started}${environment ? ` on ${plain(environment.distribution)}, kernel ${plain(environment.kernel)}, ${environment.cpus} × ${plain(environment.cpu)}` : ''}, faildrill ${plain(environment?.faildrill ?? '')}. Calibration: ${plain(describeCalibration(environment?.calibration))}.`,
    '',
    `    ${command.join(' ')}`,
    '',
    ...(describeSeal(result) ? [plain(describeSeal(result)), ''] : []),
    ...table(
      ['File', 'SHA-256'],
      filesOf(result).map(({ path, sha256 }) => [plain(path), sha256]),
    ),
    '',
  ];
}

/** What the timers imply beside what was measured. */
function timersOf({ timers }: DrillResult): string[] {
  if (timers.length === 0) return [];
  const rows = timers.flatMap(({ timer, value, implies }) =>
    implies.map((implied) => [
      FIT_SIGNS[implied.verdict],
      `${timer}: ${value}`,
      implied.text,
      describeImplied(implied),
      describeFit(implied),
    ]),
  );
  return [
    '',
    '## What the timers imply',
    '',
    ...table(
      ['', 'Timer', 'Implies', 'Measured [bounds], all trials', ''],
      rows.map((cells) => cells.map(plain)),
    ),
  ];
}

/** What people were asked. */
function operatorTable(trial: TrialResult): string[] {
  const rows = operatorRows(trial).map(({ instruction, who, planned, actual, said, evidence }) =>
    [instruction, who, planned, actual, said, evidence.join('; ')].map(plain),
  );
  return rows.length === 0 ? [] : ['### Operators', '', ...table(OPERATOR_COLUMNS, rows), ''];
}

/** What several trials say together. */
function overTrials({ targets, measured }: DrillResult): string[] {
  const named = [
    ...targets.map(({ text, ...target }) => ({ name: text, ...target })),
    ...measured.map((quantity) => ({ name: quantityName(quantity), ...quantity })),
  ];
  const rows = named.flatMap(({ name, unit, statistics }) =>
    statistics ? [[name, ...formatStatistics(statistics, unit)].map(plain)] : [],
  );
  if (rows.length === 0) return [];
  return [
    '## Over all trials',
    '',
    ...table(['Of', 'Trials', 'Least [bounds]', 'Median', '95th percentile', 'Most [bounds]'], rows),
    '',
  ];
}

/** For merge requests, wikis and step summaries. */
export const markdown: ReportFormat = {
  name: 'markdown',
  description: 'for merge requests, wikis and step summaries',
  file: 'report.md',
  render: (result) => lines(result).join('\n'),
};
