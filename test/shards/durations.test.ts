import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JudgedEntry } from '../../src/history/entry.js';
import { durationsOf, durationsText, readDurations, weigh } from '../../src/shards/durations.js';
import { temporaryFolder } from '../fixtures/scenario.js';

/** A drill as the history has it: which, on which day, how many seconds, of how many trials, how it ended. */
const drilled = (name: string, day: number, seconds: number, trials = 1, outcome = 'complete') =>
  ({
    folder: `${name}-${day}`,
    drill: { name, started: `2026-01-${day}T10:00:00.000Z`, lasted: seconds * 1e9, trials, outcome },
  }) as JudgedEntry;

describe('what a trial takes', () => {
  test.each([
    ['one drill', [drilled('a', 10, 60)], { a: 60 }],
    ['of several trials', [drilled('a', 10, 60, 3)], { a: 20 }],
    [
      'the median of the latest five',
      [9000, 10, 50, 20, 40, 30].map((seconds, index) => drilled('a', 10 + index, seconds)),
      { a: 30 },
    ],
    [
      'what was interrupted, or has no valid trial, says nothing',
      [drilled('a', 10, 60, 1, 'interrupted'), drilled('b', 10, 60, 0)],
      {},
    ],
  ])('%s', (_, history, expected) => {
    const seconds = [...durationsOf(history)].map(([name, time]) => [name, time / 1e9]);
    expect(Object.fromEntries(seconds)).toEqual(expected);
  });
});

test.each([
  ['as known', { a: 10, b: 30 }, [20, 30, 30]],
  ['unknown: the mean of the others', { a: 10 }, [20, 20, 20]],
  ['nothing known: all the same', {}, [1, 1, 1]],
])('weights: %s', (_, known, expected) => {
  const drills = [
    { name: 'a', trials: 2 },
    { name: 'b', trials: 1 },
    { name: 'b', trials: 1 },
  ];
  expect(weigh(drills, new Map(Object.entries(known)))).toEqual(expected);
});

test('what is written is read again', () => {
  const file = join(temporaryFolder(), 'durations.json');
  writeFileSync(
    file,
    durationsText(
      new Map([
        ['b', 12.34e9],
        ['a', 1],
      ]),
    ),
  );
  expect([...readDurations(file)]).toEqual([
    ['a', 0.1e9],
    ['b', 12.3e9],
  ]);
});

test.each([
  ['{"version": 2, "trial": {}}', 'durations.json:1:13: expected 1'],
  ['{"version": 1, "trial": {"a": -1}}', 'durations.json:1:31: '],
  ['{"version": 1}', '"trial" is missing'],
])('%s is refused', (text, message) => {
  const file = join(temporaryFolder(), 'durations.json');
  writeFileSync(file, text);
  expect(() => readDurations(file)).toThrow(message);
});
