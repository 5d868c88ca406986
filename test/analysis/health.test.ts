import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { Event } from '../../src/recording/events.js';
import { simulate } from '../fixtures/recording.js';

const MS = 1e6;
const faults = [{ action: 'inject' as const, before: 3000 * MS, after: 3001 * MS }];

/** A look at a node at so many milliseconds. */
const look = (at: number, processor: number, daemons: Record<string, number>, cycle = 0): Event => ({
  k: 'health',
  t: at * MS,
  node: 'a',
  cycle,
  processor: processor * MS,
  memory: 2 ** 20 * (at / 1000),
  sessions: at / 1000,
  daemons,
});

/** What a report says of the only node where these looks were taken. */
function health(...looks: Event[]) {
  const events = simulate({ passes: () => true, faults });
  const at = events.findIndex(({ k }) => k === 'steady');
  return analyze(events.toSpliced(at + 1, 0, ...looks)).trials[0]!.health[0];
}

test('what a node used from one look to the next', () => {
  const seen = health(look(1000, 0, {}), look(2000, 250, {}), look(4000, 1250, {}));
  expect(seen?.processor.map(({ share }) => share)).toEqual([0.25, 0.5]);
  expect(seen).toMatchObject({ memory: 4 * 2 ** 20, sessions: 4 });
});

test('what its threads waited for a processor, all together', () => {
  const waits = (at: number, waited: number, cycle = 0) => ({
    ...look(at, 0, {}, cycle),
    waited: waited * MS,
  });
  // A thread that waited 50 ms ended between the third look and the fourth, and the power was off before the last.
  const seen = health(
    waits(1000, 10),
    waits(2000, 40),
    waits(3000, 100),
    waits(3500, 60),
    waits(4000, 80),
    waits(4500, 5, 1),
  );
  expect(seen?.waited).toBe(110 * MS);
  expect(health(look(1000, 0, {}), look(2000, 0, {}))).not.toHaveProperty('waited');
});

test('a power cycle, and a process that ended unseen, do not count backwards', () => {
  const seen = health(look(1000, 900, {}), look(2000, 100, {}, 1), look(3000, 50, {}, 1));
  expect(seen?.processor).toEqual([{ from: 2000 * MS, to: 3000 * MS, share: 0 }]);
});

test('a daemon that was there before the fault and went away; what was not there is not missed', () => {
  const both = { bgpd: 1, zebra: 2 };
  const seen = health(
    look(1000, 0, {}),
    look(2000, 0, both),
    look(3500, 0, { zebra: 1, helper: 1 }),
    look(4500, 0, { zebra: 2, bgpd: 1 }),
    look(5500, 0, { zebra: 2 }),
  );
  expect(seen?.away).toEqual([
    { daemon: 'bgpd', from: 3500 * MS, to: 4500 * MS },
    { daemon: 'bgpd', from: 5500 * MS },
    { daemon: 'zebra', from: 3500 * MS, to: 4500 * MS },
  ]);
});

test('one look says nothing', () => {
  expect(health(look(1000, 0, {}))).toBeUndefined();
});
