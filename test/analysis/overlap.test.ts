import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { simulate, targets } from '../fixtures/recording.js';

const MS = 1e6;

/** What a target of two watches came to, each signal 2 ms wide, in a trial from 0 on with a fault at 5 s. */
function overlap(...signals: [watch: 'a' | 'b', at: number, active: boolean][]) {
  const watch = { kind: 'address', node: 'a', address: '10.0.0.9', state: 'held' } as const;
  const events = simulate({
    faults: [{ fault: 'cut', action: 'inject', before: 5000 * MS, after: 5001 * MS }],
    passes: () => true,
    signals: signals.map(([watch, at, active]) => ({
      watch,
      active,
      before: (at - 1) * MS,
      after: (at + 1) * MS,
    })),
    scenario: { ...targets('overlap_time(a, b) < 1s'), watches: { a: watch, b: watch } },
  });
  const { value, lower, upper } = analyze(events).targets[0]!.measured!;
  return [value, lower, upper].map((nanoseconds) => nanoseconds / MS);
}

test.each<[string, Parameters<typeof overlap>, number[]]>([
  [
    'one after the other',
    [
      ['a', 100, true],
      ['a', 6000, false],
      ['b', 6100, true],
    ],
    [0, 0, 0],
  ],
  [
    'one before the other has gone',
    [
      ['a', 100, true],
      ['b', 6000, true],
      ['a', 6400, false],
    ],
    [400, 398, 402],
  ],
  [
    'close together: perhaps',
    [
      ['a', 100, true],
      ['a', 6000, false],
      ['b', 6000, true],
    ],
    [0, 0, 2],
  ],
  [
    'twice',
    [
      ['a', 100, true],
      ['b', 6000, true],
      ['b', 6100, false],
      ['b', 7000, true],
      ['a', 7050, false],
    ],
    [150, 146, 154],
  ],
  ['never', [['a', 100, true]], [0, 0, 0]],
])('%s', (_, signals, expected) => {
  expect(overlap(...signals)).toEqual(expected);
});

test('one watch: how long it was active; nothing for one that tells of instants', () => {
  const watch = { kind: 'address', node: 'a', address: '10.0.0.9', state: 'held' } as const;
  const log = { kind: 'log', node: 'a', file: 'x', line: 'y' } as never;
  const signal = (at: number, active: boolean) => ({ active, before: (at - 1) * MS, after: (at + 1) * MS });
  const events = simulate({
    faults: [{ fault: 'cut', action: 'inject', before: 5000 * MS, after: 5001 * MS }],
    passes: () => true,
    signals: [
      { watch: 'a', ...signal(5100, true) },
      { watch: 'b', ...signal(5200, true) },
      { watch: 'a', ...signal(5400, false) },
      { watch: 'a', ...signal(9000, true) },
    ],
    scenario: { watches: { a: watch, b: log } },
  });
  const told = events.map((event) => (event.k === 'scenario' ? { ...event, momentary: ['b'] } : event));
  const all = analyze(told).measured.filter(({ metric }) => metric === 'active_time');
  expect(all.map(({ subject, trials }) => [subject, trials[0]!.measurement.value / MS])).toEqual([
    ['a', 1200],
  ]);
});
