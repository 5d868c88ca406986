import { expect, test } from 'vitest';
import type { DrillData, ProbeTrack, Trial } from '../../src/analysis/drill-data.js';
import { endOfSession, sessionStall, sessionsSurvived } from '../../src/analysis/metrics/sessions.js';
import { StreamTrack } from '../../src/analysis/track.js';
import type { SessionEvent } from '../../src/probes/probe.js';

const MS = 1e6;
const INTERVAL = 20 * MS;
const WINDOW = { from: 1000 * MS, to: 9000 * MS };

/** A session of 10 s; `delay` says how long after it was due a record arrives, in milliseconds, or nothing for never. */
function probe(delay: (dueMs: number) => number | undefined, sessions: SessionEvent[] = []): ProbeTrack {
  const track = (way: 'there' | 'back') => {
    const stream = new StreamTrack({ flow: 0, way, start: 0, interval: INTERVAL });
    const numbers = Array.from({ length: 500 }, (_, number) => number);
    const arrived = numbers.filter((number) => delay(number * 20) !== undefined);
    stream.add({
      first: 0,
      late: way === 'there' ? numbers.map(() => 0) : [],
      runs: arrived.map((number) => [number, 1]),
      after: arrived.map((number) => delay(number * 20)! * 1000),
      corrupted: [],
    });
    return stream;
  };
  return {
    id: 'login',
    kind: 'tcp',
    families: ['sessions'],
    interval: INTERVAL,
    streams: [track('there'), track('back')],
    transfers: [],
    sessions,
    refusals: [],
  };
}

const question = (track: ProbeTrack) => ({
  data: { probes: new Map([['login', track]]) } as unknown as DrillData,
  trial: WINDOW as unknown as Trial,
  subjects: ['login'],
});
const event = (what: SessionEvent['what'], ms: number): SessionEvent => ({
  session: 0,
  connection: 1,
  what,
  at: ms * MS,
  detail: 'x',
});

test('a session that delivers everything survives', () => {
  expect(sessionsSurvived.measure(question(probe(() => 1)))).toMatchObject([{ value: 1 }]);
});

test('one that stalls and catches up survives; its stall is measured', () => {
  // Records due from 3 s on arrive together at 4.5 s.
  const stalled = probe((due) => (due >= 3000 && due < 4500 ? 4500 - due + 1 : 1));
  expect(sessionsSurvived.measure(question(stalled))).toMatchObject([{ value: 1 }]);
  const { value, lower, upper } = sessionStall.measure(question(stalled))[0]!;
  expect(value / MS).toBeCloseTo(1520, 0);
  expect(lower).toBeLessThanOrEqual(1500 * MS);
  expect(upper).toBeGreaterThanOrEqual(1500 * MS);
});

test.each([
  ['was reset', probe(() => 1, [event('connected', 10), event('broken', 3000)]), 'broken: x'],
  ['delivered damage', probe(() => 1, [event('corrupted', 3000)]), 'corrupted: x'],
  [
    'still stalls at the end',
    probe((due) => (due > 6000 ? undefined : 1)),
    'stalled at the end: 99 records not delivered',
  ],
  [
    'lost a record',
    probe((due) => (due === 3000 ? undefined : 1)),
    'stalled at the end: 1 records not delivered',
  ],
])('one that %s does not', (_, track, why) => {
  expect(endOfSession(track, 0, WINDOW)).toBe(why);
  expect(sessionsSurvived.measure(question(track))).toMatchObject([{ value: 0 }]);
});

test('what happened before the trial or after it does not count', () => {
  expect(
    endOfSession(
      probe(() => 1, [event('broken', 500), event('broken', 9500)]),
      0,
      WINDOW,
    ),
  ).toBeUndefined();
  expect(
    endOfSession(
      probe((due) => (due < 900 || due > 8500 ? undefined : 1)),
      0,
      WINDOW,
    ),
  ).toBeUndefined();
});
