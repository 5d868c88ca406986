import type { Decision } from '../analysis/decision.js';
import type { DrillResult, MeasuredResult, TargetResult } from '../analysis/result.js';
import { validTrials } from '../analysis/valid-trials.js';
import { lastTimeInWords } from './glance.js';
import { describeImplied, formatMeasurement, formatValue } from './words.js';

const VERDICTS = {
  pass: 'The drill passed.',
  fail: 'The drill failed.',
  inconclusive: 'The drill could not be decided.',
} as const;

/** A metric of every subject, from the event that it is measured from by itself. */
const find = ({ measured }: DrillResult, metric: string): MeasuredResult[] =>
  measured.filter((result) => result.metric === metric && result.event === undefined);

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** The largest figure of all trials. */
function worstOf({ trials }: MeasuredResult) {
  return trials.map(({ measurement }) => measurement).sort((a, b) => b.value - a.value)[0]!;
}

/** The smallest figure of all trials. */
const leastOf = ({ trials }: MeasuredResult) =>
  Math.min(...trials.map(({ measurement }) => measurement.value));

/** What happened, in plain words: what was broken, what it cost, what of it was allowed. */
export const summarise = (result: DrillResult): string[] => [
  ...openingOf(result),
  ...costsOf(result),
  ...findingsOf(result),
];

/** What it came to, what was broken, and whether it is worse than last time. */
export function openingOf(result: DrillResult): string[] {
  const { verdict, reason, lab, trials } = result;
  const broken = lab.broken.length > 0 ? lab.broken.join(', ') : 'nothing';
  const valid = validTrials(trials);
  const more = trials.length - valid;
  const repeated = more > 0 ? ` (${more} more did not count)` : '';
  const last = lastTimeInWords(result);
  return [
    `${VERDICTS[verdict]} ${capital(reason)}.`,
    `In ${plural(valid, 'valid trial')}${repeated} on the lab ${lab.name} it broke ${broken}.`,
    ...(last === undefined ? [] : [last]),
  ];
}

/** What it cost the users of each service. */
function costsOf(result: DrillResult): string[] {
  const { targets } = result;
  const sentences: string[] = [];
  for (const recovery of find(result, 'recovery_time')) {
    const worst = worstOf(recovery);
    const allowed = limitFor(targets, 'recovery_time', recovery.subject);
    const cost =
      worst.missing !== undefined
        ? `${recovery.subject} was ${formatMeasurement(worst, 'duration')}`
        : worst.value === 0
          ? `${recovery.subject} was not hurt`
          : `${recovery.subject} was back for every flow after ${formatValue(worst.value, 'duration')} at worst`;
    sentences.push(`${capital(cost)}${allowed}.`);
  }
  for (const survival of find(result, 'sessions_survived')) {
    const least = leastOf(survival);
    sentences.push(
      `Of the sessions of ${survival.subject} at least ${formatValue(least, 'share')} survived each trial${limitFor(targets, 'sessions_survived', survival.subject)}.`,
    );
  }
  return sentences;
}

/** What else was found. */
export function findingsOf(result: DrillResult): string[] {
  const { targets } = result;
  const sentences: string[] = [];
  for (const call of find(result, 'mos')) {
    const score = formatValue(leastOf(call), 'number');
    sentences.push(
      `The worst five seconds of the calls of ${call.subject} sounded like ${score} of 4.4${limitFor(targets, 'mos', call.subject)}.`,
    );
  }
  for (const transfer of find(result, 'lowest_goodput')) {
    const least = formatValue(leastOf(transfer), 'rate');
    sentences.push(
      `The worst second of ${transfer.subject} delivered ${least}${limitFor(targets, 'lowest_goodput', transfer.subject)}.`,
    );
  }
  for (const leak of find(result, 'leaked_packets')) {
    const { value, upper } = worstOf(leak);
    const seen =
      value > 0 ? `leaked: ${value} packets were seen in plaintext on transit links` : 'leaked nothing';
    // What the capture missed may have leaked.
    const unsure = upper > value ? `, as far as the capture saw (it missed ${upper - value} packets)` : '';
    sentences.push(`${capital(leak.subject)} ${seen}${unsure}.`);
  }
  for (const detection of find(result, 'detection_time')) {
    const worst = worstOf(detection);
    // A watch that no target asks for may well have nothing to say.
    if (worst.missing !== undefined && !limitFor(targets, 'detection_time', detection.subject)) continue;
    const when =
      worst.missing !== undefined
        ? `was ${formatMeasurement(worst, 'duration')}`
        : `came after ${formatValue(worst.value, 'duration')} at worst`;
    sentences.push(
      `The signal of ${detection.subject} ${when}${limitFor(targets, 'detection_time', detection.subject)}.`,
    );
  }
  for (const { timer, implies } of result.timers)
    for (const implied of implies)
      if (implied.verdict === 'contradicts')
        sentences.push(
          `What was measured contradicts the timer "${timer}": ${implied.text} is implied, measured was ${describeImplied(implied)}.`,
        );
  for (const detection of find(result, 'operator_detection_time')) {
    const worst = worstOf(detection);
    // Nobody was asked.
    if (worst.missing !== undefined && worst.lower === 0) continue;
    const when =
      worst.missing !== undefined
        ? formatMeasurement(worst, 'duration')
        : `noticed after ${formatValue(worst.value, 'duration')} at worst`;
    sentences.push(`By people it was ${when}${limitFor(targets, 'operator_detection_time', '')}.`);
  }
  sentences.push(...describeOperators(result));
  for (const { text, decision } of targets) if (decision) sentences.push(describeDecision(text, decision));
  return sentences;
}

/** Whether people did what they were asked to do. */
function describeOperators({ trials }: DrillResult): string[] {
  const asked = trials.flatMap(({ instructions }) => instructions);
  if (asked.length === 0) return [];
  if (asked.every(({ ending }) => ending === 'not asked')) return ['Nobody was asked to do their part.'];
  const confirmed = asked.filter(({ ending }) => ending === 'confirmed').length;
  const late = asked.filter((instruction) => instruction.late).length;
  const but = late > 0 ? `; ${late} took longer than planned` : '';
  return [`People confirmed ${confirmed} of ${plural(asked.length, 'instruction')}${but}.`];
}

/** What a drill that went on until every target was decided has shown. */
function describeDecision(text: string, { met, missed, open, shown }: Decision): string {
  const counts = `${text}: met in ${met} of ${plural(met + missed + open, 'trial')}`;
  return shown === undefined ? `${counts}, which decides nothing.` : `${counts}; ${shown}.`;
}

function limitFor(targets: readonly TargetResult[], metric: string, subject: string): string {
  const isOf = (text: string) =>
    subject === ''
      ? text.startsWith(metric) && !text.slice(metric.length).startsWith('(')
      : text.startsWith(`${metric}(${subject})`);
  const target = targets.find(({ text }) => isOf(text.replace(/\s/g, '')));
  return target ? `; allowed is ${target.comparison} ${formatValue(target.limit, target.unit)}` : '';
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
