import { describe, expect, test } from 'vitest';
import type { JudgedEntry } from '../../src/history/entry.js';
import { periodOf } from '../../src/programme/calendar.js';
import { dueOf, evidenceOf, plannedIn } from '../../src/programme/due.js';

/** Drills of a scenario, each by its day; with "?" one that ended without a verdict. */
const drills = (...days: string[]): JudgedEntry[] =>
  days.map((day) => ({
    folder: day,
    bytes: 1,
    changed: 1,
    judgedBy: '1',
    drill: {
      name: 'cut',
      started: `${day.slice(0, 10)}T23:59:59.000Z`,
      verdict: day.endsWith('?') ? 'inconclusive' : 'fail',
    } as JudgedEntry['drill'],
  }));

const STARTS = '2026-02-10';

describe('when a drill is due', () => {
  test.each([
    ['quarterly', '2026-02-09', [], 'later', '2026-02-10 2026-03-31'],
    ['quarterly', '2026-02-10', [], 'due', '2026-01-01 2026-03-31'],
    ['quarterly', '2026-03-31', [], 'due', '2026-01-01 2026-03-31'],
    ['quarterly', '2026-04-01', [], 'overdue', '2026-04-01 2026-06-30'],
    ['quarterly', '2026-04-01', ['2026-03-31'], 'due', '2026-04-01 2026-06-30'],
    ['quarterly', '2026-04-01', ['2026-01-02'], 'due', '2026-04-01 2026-06-30'],
    ['quarterly', '2026-06-30', ['2026-04-01'], 'done', '2026-07-01 2026-09-30'],
    ['quarterly', '2026-07-01', ['2026-04-01'], 'due', '2026-07-01 2026-09-30'],
    ['quarterly', '2026-10-01', ['2026-04-01'], 'overdue', '2026-10-01 2026-12-31'],
    ['quarterly', '2026-04-01', ['2026-03-31?'], 'overdue', '2026-04-01 2026-06-30'],
    ['quarterly', '2026-04-01', ['2026-04-02'], 'overdue', '2026-04-01 2026-06-30'],
    ['monthly', '2028-02-29', ['2028-02-01'], 'done', '2028-03-01 2028-03-31'],
    ['monthly', '2028-03-31', ['2028-02-29'], 'due', '2028-03-01 2028-03-31'],
    ['weekly', '2027-01-03', ['2026-12-28'], 'done', '2027-01-04 2027-01-10'],
    ['weekly', '2027-01-04', ['2026-12-28'], 'due', '2027-01-04 2027-01-10'],
    ['weekly', '2027-01-11', ['2026-12-28'], 'overdue', '2027-01-11 2027-01-17'],
    ['every-merge', '2027-01-11', ['2026-12-28'], 'on merge', ''],
  ] as const)('%s, on %s, drilled %j: %s', (frequency, today, days, state, next) => {
    const evidence = evidenceOf('cut', [...drills(...days), ...drills(today).map(other)]);
    const due = dueOf({ frequency }, { evidence, starts: STARTS, today });
    expect(due.state).toBe(state);
    expect(due.next ? `${due.next.first} ${due.next.last}` : '').toBe(next);
  });
});

const other = (entry: JudgedEntry): JudgedEntry => ({ ...entry, drill: { ...entry.drill, name: 'flap' } });

describe('planned and actual', () => {
  const Q1 = periodOf('quarterly', '2026-01-01');
  test.each([
    ['quarterly', '2026-03-31', [], { planned: 1, actual: 0, missed: [], drills: 0 }],
    ['quarterly', '2026-04-01', [], { planned: 1, actual: 0, missed: ['2026-Q1'], drills: 0 }],
    ['monthly', '2026-03-10', ['2026-02-11', '2026-02-12'], { planned: 2, actual: 1, missed: [], drills: 2 }],
    [
      'monthly',
      '2026-04-10',
      ['2026-02-11', '2026-04-01'],
      { planned: 2, actual: 1, missed: ['2026-03'], drills: 1 },
    ],
    // From the week of the first day on; the last week of the quarter begins on the 30th.
    ['weekly', '2026-12-31', ['2026-04-01'], { planned: 8, actual: 1, drills: 0 }],
    [
      'every-merge',
      '2026-03-10',
      ['2026-02-11', '2026-02-11'],
      { planned: 0, actual: 0, missed: [], drills: 2 },
    ],
    ['quarterly', '2025-12-31', [], { planned: 0, actual: 0, missed: [], drills: 0 }],
  ] as const)('%s, on %s, drilled %j', (frequency, today, days, expected) => {
    const evidence = evidenceOf('cut', drills(...days));
    expect(plannedIn(Q1, { frequency }, { evidence, starts: STARTS, today })).toMatchObject(expected);
  });
});
