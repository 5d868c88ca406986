import type { JudgedEntry } from '../history/entry.js';
import { byTime } from '../history/filter.js';
import {
  type Day,
  dayOf,
  isIn,
  type Period,
  periodAfter,
  periodBefore,
  periodOf,
  periodsBetween,
} from './calendar.js';
import type { ProgrammeDrill } from './schema.js';

/**
 * Where a drill stands: done in the present period; due until its end; overdue, since the period before passed without it; owed from a later day
 * on; or whenever something is merged.
 */
export type DueState = 'overdue' | 'due' | 'done' | 'later' | 'on merge';

/** When a drill was last done, and when it is to be done again. */
export interface Due {
  state: DueState;
  /** The latest that said something. */
  last?: JudgedEntry;
  /** The days in which it is to be done next; nothing for one that follows merges. */
  next?: Pick<Period, 'first' | 'last'>;
}

/** Whether a drill of the history says something: one that ended without a verdict has to be done again. */
export const isEvidence = ({ drill }: JudgedEntry): boolean => drill.verdict !== 'inconclusive';

/** The drills of a scenario that say something, the latest first. */
export const evidenceOf = (name: string, history: readonly JudgedEntry[]): JudgedEntry[] =>
  history.filter((entry) => entry.drill.name === name && isEvidence(entry)).sort(byTime);

/** The day on which a drill began. */
export const startedOn = ({ drill }: JudgedEntry): Day => dayOf(Date.parse(drill.started));

/**
 * When a drill is due, from what was drilled.
 * @param evidence its drills that say something, the latest first
 * @param starts first day on which drills are owed
 */
export function dueOf(
  { frequency }: Pick<ProgrammeDrill, 'frequency'>,
  { evidence, starts, today }: { evidence: readonly JudgedEntry[]; starts: Day; today: Day },
): Due {
  const known = evidence.filter((entry) => startedOn(entry) <= today);
  const last = known[0];
  const said = last && { last };
  if (frequency === 'every-merge') return { state: 'on merge', ...said };
  if (today < starts) return { state: 'later', ...said, next: from(starts, periodOf(frequency, starts)) };
  const present = periodOf(frequency, today);
  if (last && startedOn(last) >= present.first)
    return { state: 'done', ...said, next: periodAfter(frequency, present) };
  const before = periodBefore(frequency, present);
  const wasOwed = before.last >= starts;
  const wasDone = last !== undefined && startedOn(last) >= before.first;
  return { state: wasOwed && !wasDone ? 'overdue' : 'due', ...said, next: present };
}

const from = (first: Day, { last }: Period) => ({ first, last });

/** How often a drill was owed and done. */
export interface Planned {
  /** Periods of it that began in the quarter, and that it was owed in. */
  planned: number;
  /** Those of them in which it was done. */
  actual: number;
  /** Names of those that ended without it. */
  missed: string[];
  /** Drills in the quarter that said something, however many were owed. */
  drills: number;
}

/** How often a drill was to be done in a quarter, and was. A period belongs to the quarter that it begins in. */
export function plannedIn(
  quarter: Period,
  { frequency }: Pick<ProgrammeDrill, 'frequency'>,
  { evidence, starts, today }: { evidence: readonly JudgedEntry[]; starts: Day; today: Day },
): Planned {
  const days = evidence.map(startedOn).filter((day) => day <= today);
  const drills = days.filter((day) => isIn(quarter, day)).length;
  if (frequency === 'every-merge') return { planned: 0, actual: 0, missed: [], drills };
  const isOwed = (period: Period) => {
    const begins = period.first < starts ? starts : period.first;
    return period.last >= starts && isIn(quarter, begins) && begins <= today;
  };
  const end = quarter.last < today ? quarter.last : today;
  const owed = end < quarter.first ? [] : periodsBetween(frequency, quarter.first, end).filter(isOwed);
  const done = owed.filter((period) => days.some((day) => isIn(period, day)));
  return {
    planned: owed.length,
    actual: done.length,
    missed: owed.filter((period) => !done.includes(period) && period.last < today).map(({ name }) => name),
    drills,
  };
}
