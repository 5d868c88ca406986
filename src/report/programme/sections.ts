import type { Verdict } from '../../analysis/judge.js';
import type { JudgedEntry } from '../../history/entry.js';
import type { LabStanding, ProgrammeResult, ServiceTargetStanding } from '../../programme/result.js';
import { trendChart } from '../charts/trend.js';
import { drillingWords } from '../coverage/words.js';
import { SIGNS } from '../words.js';
import { dueWords, findingWords, personWords, resultWords, STATE_VERDICTS, shortResult } from './words.js';

/** A part of the report, as every format shows it. */
export interface Section {
  title: string;
  /** Sentences before the table. */
  notes: string[];
  head: string[];
  rows: Row[];
  /** What stands there instead of a table without rows. */
  empty: string;
  charts: { name: string; svg: string }[];
}

export interface Row {
  verdict: Verdict | '';
  cells: Cell[];
}

/** What stands in a table. */
export interface Cell {
  text: string;
  /** A second line, smaller. */
  small: string;
  /** Folder of a drill that it is about. */
  folder: string;
}

const cell = (text: string, small = '', folder = ''): Cell => ({ text, small, folder });
const section = (title: string, said: Partial<Section>): Section => ({
  title,
  notes: [],
  head: [],
  rows: [],
  empty: '',
  charts: [],
  ...said,
});

/** A drill by its day and verdict, with the way to its report. */
const drillCell = (entry: JudgedEntry | undefined, otherwise: string): Cell =>
  entry
    ? cell(`${entry.drill.started.slice(0, 10)} ${entry.drill.verdict}`, '', entry.folder)
    : cell(otherwise);

/** The parts of the report, in order. */
export const sectionsOf = (result: ProgrammeResult): Section[] => [
  participants(result),
  plannedAndActual(result),
  services(result),
  trend(result),
  ...result.coverage.map(coverage),
  findings(result),
  reviews(result),
];

function participants(result: ProgrammeResult): Section {
  const owned = (key: string) => result.drills.filter(({ owner }) => owner === key).map(({ name }) => name);
  return section('Scope and participants', {
    notes: [result.scope],
    head: ['', 'Who', 'Role', 'Answers for'],
    rows: Object.entries(result.people).map(([key, { name, role }]) => ({
      verdict: '',
      cells: [cell(name), cell(role), cell(owned(key).join(', '))],
    })),
    empty: 'Nobody takes part.',
  });
}

const plannedAndActual = (result: ProgrammeResult): Section =>
  section(`Planned and actual, ${result.quarter.name}`, {
    notes: [
      `As of ${result.today} (UTC), of the quarter from ${result.quarter.first} to ${result.quarter.last}. A drill that ended without a verdict counts as none.`,
    ],
    head: ['', 'Drill', 'How often', 'Owner; with', 'Planned', 'Done', 'Missed', 'Last', 'Next'],
    rows: result.drills.map((drill) => {
      const { name, title, frequency, owner, participants: others, due, planned } = drill;
      return {
        verdict: STATE_VERDICTS[due.state],
        cells: [
          cell(name, title),
          cell(frequency),
          cell(personWords(result, owner), others.map((key) => personWords(result, key)).join(', ')),
          cell(frequency === 'every-merge' ? '' : String(planned.planned)),
          cell(String(frequency === 'every-merge' ? planned.drills : planned.actual)),
          cell(planned.missed.join(', ')),
          drillCell(due.last, 'never'),
          cell(dueWords(drill)),
        ],
      };
    }),
  });

const services = (result: ProgrammeResult): Section =>
  section('Results by service', {
    notes: ['What the latest drill of each scenario measured, beside what the service is allowed to suffer.'],
    head: ['', 'Service', 'Target', 'Measured [lower, upper bound]', 'Probe', 'Drill'],
    rows: result.services.flatMap(({ title, owner, targets }) =>
      targets.flatMap(({ text, latest }): Row[] => {
        const service = cell(title, owner === undefined ? '' : personWords(result, owner));
        if (latest.length === 0)
          return [{ verdict: '', cells: [service, cell(text), cell('not drilled yet'), cell(''), cell('')] }];
        return latest.map((one) => ({
          verdict: one.verdict,
          cells: [
            service,
            cell(text),
            cell(resultWords(one)),
            cell(one.probe),
            cell(one.entry.drill.name, one.entry.drill.started.slice(0, 10), one.entry.folder),
          ],
        }));
      }),
    ),
    empty: 'The programme names no services.',
  });

const trend = ({ services: all }: ProgrammeResult): Section =>
  section('Trend over quarters', {
    notes: ['The worst of each quarter.'],
    head: ['', 'Service and target', ...(all[0]?.targets[0]?.quarters.map(({ quarter }) => quarter) ?? [])],
    rows: all.flatMap(({ title, targets }) =>
      targets.map(({ text, quarters }) => ({
        verdict: quarters.findLast(({ worst }) => worst)?.worst?.verdict ?? ('' as const),
        cells: [
          cell(title, text),
          ...quarters.map(({ worst }) => cell(worst ? `${SIGNS[worst.verdict]} ${shortResult(worst)}` : '–')),
        ],
      })),
    ),
    empty: 'The programme names no services.',
    charts: all.flatMap(({ title, targets }) =>
      targets
        // One dot says no more than the table.
        .filter(({ results }) => results.length > 1)
        .map((target) => ({ name: `${title}: ${target.text}`, svg: chartOf(target) })),
    ),
  });

/** The drills of a service's target one after the other, with the limit of the service. */
function chartOf({ text, comparison, limit, results }: ServiceTargetStanding): string {
  // The drills are of several scenarios: that files differ from one to the next says nothing.
  const drills = results.map(({ entry }) => ({ ...entry, drill: { ...entry.drill, facts: {} } }));
  const points = results.map(({ measured, unit, verdict, probe }, index) => ({
    index,
    entry: drills[index]!,
    target: {
      ...{ text, metric: text, subject: probe, unit, comparison, limit, aggregate: '', verdict },
      ...(measured && { measured }),
    },
  }));
  return trendChart({ name: text, points }, { name: text, title: text, drills, targets: [] });
}

const coverage = ({ lab, failures, last }: LabStanding): Section =>
  section(`Single failures of ${lab}`, {
    notes: [`${last.filter(Boolean).length} of ${failures.length} were drilled by themselves.`],
    head: ['', 'Failure', 'Kind', 'Drilled by', 'Last drilled by itself'],
    rows: failures.map(({ part, name, state, drillings }, index) => ({
      verdict: last[index] ? 'pass' : state === 'drilled' ? 'inconclusive' : 'fail',
      cells: [
        cell(name),
        cell(part.kind),
        cell(state === 'never' ? 'never' : drillingWords(drillings)),
        drillCell(last[index], state === 'drilled' ? 'not yet' : 'never'),
      ],
    })),
  });

const findings = (result: ProgrammeResult): Section =>
  section('Findings and actions', {
    head: ['', 'Finding', 'Found', 'Action', 'Owner', 'Due', 'Done'],
    rows: result.findings.flatMap((finding) => {
      const { id, title, found, drill, services: touched, actions, isOpen, overdue } = finding;
      const about = [findingWords(finding), ...(drill === undefined ? [] : [drill]), ...touched].join(' · ');
      const head = [cell(`${id}: ${title}`, about), cell(found)];
      const state = (isLate: boolean) =>
        isLate ? ('fail' as const) : isOpen ? ('inconclusive' as const) : ('pass' as const);
      if (actions.length === 0)
        return [{ verdict: state(false), cells: [...head, cell('none'), cell(''), cell(''), cell('')] }];
      return actions.map((action) => ({
        verdict:
          action.done !== undefined && isOpen && action.done <= result.today
            ? ('pass' as const)
            : state(overdue.includes(action)),
        cells: [
          ...head,
          cell(action.what),
          cell(personWords(result, action.owner)),
          cell(action.due),
          cell(action.done ?? ''),
        ],
      }));
    }),
    empty: 'There are no findings.',
  });

const reviews = (result: ProgrammeResult): Section =>
  section('Reviews', {
    head: ['', 'Quarter', 'On', 'By', 'Took part', 'Conclusion'],
    rows: result.reviews.map(({ of, on, by, participants: present, conclusion }) => ({
      verdict: '',
      cells: [
        cell(of),
        cell(on),
        cell(personWords(result, by)),
        cell(present.map((key) => personWords(result, key)).join(', ')),
        cell(conclusion),
      ],
    })),
    empty: 'Nothing has been reviewed yet.',
  });
