import type { Verdict } from '../../analysis/judge.js';
import type { DueState } from '../../programme/due.js';
import type { DrillStanding, FindingStanding, ProgrammeResult } from '../../programme/result.js';
import type { ServiceResult } from '../../programme/service-target.js';
import { formatMeasurement, formatValue } from '../words.js';

/** How each state is looked at. */
export const STATE_VERDICTS: Record<DueState, Verdict | ''> = {
  overdue: 'fail',
  due: 'inconclusive',
  done: 'pass',
  later: '',
  'on merge': '',
};

/** When a drill is to be done: `overdue`, `due until 2026-12-31`. */
export function dueWords({ due: { state, next } }: DrillStanding): string {
  if (state === 'overdue') return 'overdue';
  if (state === 'due') return `due until ${next!.last}`;
  if (state === 'done') return `done; next ${next!.first} to ${next!.last}`;
  return state === 'later' ? `from ${next!.first} to ${next!.last}` : 'at every merge';
}

/** A person by name; one who is unknown by what there is. */
export const personWords = ({ people }: ProgrammeResult, key: string): string => people[key]?.name ?? key;

/** What a service's target came to, with its bounds. */
export const resultWords = ({ measured, unit }: ServiceResult): string => formatMeasurement(measured, unit);

/** The same in as little room as there is. */
export function shortResult({ measured, unit }: ServiceResult): string {
  if (!measured) return 'not measured';
  return measured.missing ?? formatValue(measured.value, unit);
}

/** Whether anything of a programme is late. */
export const isLate = ({ drills, findings }: ProgrammeResult): boolean =>
  drills.some(({ due }) => due.state === 'overdue') || findings.some(({ overdue }) => overdue.length > 0);

/** Verdict on the whole: late, or a service that does not get what it needs, is a failure. */
export function overallVerdict(result: ProgrammeResult): Verdict {
  const verdicts = result.services.map(({ verdict }) => verdict);
  if (isLate(result) || verdicts.includes('fail')) return 'fail';
  const isOpen =
    result.drills.some(({ due }) => due.state === 'due') || verdicts.some((one) => one !== 'pass');
  return isOpen ? 'inconclusive' : 'pass';
}

/** What a manager has to know, a sentence each. */
export function sentencesOf(result: ProgrammeResult): string[] {
  const { drills, services, coverage, findings, quarter, next } = result;
  const count = (state: DueState) => drills.filter(({ due }) => due.state === state).length;
  const states = (['overdue', 'due', 'done', 'later', 'on merge'] as const).filter(
    (state) => count(state) > 0,
  );
  const of = (verdict: Verdict | undefined) =>
    services.filter((service) => service.verdict === verdict).length;
  const served = (
    [
      ['pass', 'within its limits'],
      ['fail', 'outside its limits'],
      ['inconclusive', 'undecided'],
      [undefined, 'not drilled yet'],
    ] as const
  )
    .filter(([verdict]) => of(verdict) > 0)
    .map(([verdict, words]) => `${of(verdict)} ${words}`);
  const failures = coverage.reduce((sum, lab) => sum + lab.failures.length, 0);
  const drilled = coverage.reduce((sum, { last }) => sum + last.filter(Boolean).length, 0);
  const open = findings.filter(({ isOpen }) => isOpen);
  const late = open.reduce((sum, { overdue }) => sum + overdue.length, 0);
  return [
    `Of ${drills.length} drills: ${states.map((state) => `${count(state)} ${state}`).join(', ')}.`,
    ...(services.length > 0 ? [`Of ${services.length} services: ${served.join(', ')}.`] : []),
    `${drilled} of ${failures} single failures of the labs were drilled by themselves.`,
    `${open.length} of ${findings.length} findings open${late > 0 ? `, with ${late} actions overdue` : ''}.`,
    next === undefined
      ? `No drill of ${quarter.name} has a date.`
      : `The next drill is to be done by ${next}.`,
  ];
}

/** Whether a finding is open, late, or closed. */
export const findingWords = ({ isOpen, overdue, closed }: FindingStanding): string =>
  !isOpen ? `closed ${closed}` : overdue.length > 0 ? 'overdue' : 'open';

/** Address of a drill's report. @param store path of the store from where it is written */
export const reportIn = (store: string, folder: string): string =>
  [...store.split('/'), folder, 'report.html'].map(encodeURIComponent).join('/');
