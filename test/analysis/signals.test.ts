import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { simulate, targets } from '../fixtures/recording.js';

const MS = 1e6;
const faults = [
  { fault: 'cut', action: 'inject' as const, before: 2000 * MS, after: 2001 * MS },
  { fault: 'cut', action: 'clear' as const, before: 4000 * MS, after: 4001 * MS },
];

function counted(...seen: [before: number, after: number, active?: boolean][]) {
  const signals = seen.map(([before, after, active = true]) => ({
    watch: 'reroute',
    before: before * MS,
    after: after * MS,
    active,
  }));
  const events = simulate({
    faults,
    signals,
    passes: () => true,
    scenario: targets('signals(reroute after cut) = 0'),
  });
  const { verdict, trials } = analyze(events).targets[0]!;
  return { verdict, ...trials[0]!.measurement };
}

test.each([
  ['none', [], { verdict: 'pass', lower: 0, upper: 0 }],
  ['what was so before the event', [[0, 1]], { verdict: 'pass', upper: 0 }],
  ['one', [[2300, 2301]], { verdict: 'fail', lower: 1, upper: 1 }],
  [
    'a flap, there and back and there',
    [
      [2300, 2301],
      [2500, 2501, false],
      [3000, 3001],
    ],
    { verdict: 'fail', lower: 2, upper: 2 },
  ],
  ['what the next step brought about', [[4000.5, 4001]], { verdict: 'pass', upper: 0 }],
  ['perhaps before the event', [[1999, 2002]], { verdict: 'inconclusive', lower: 0, upper: 1 }],
  ['perhaps after the next step', [[3999, 4002]], { verdict: 'inconclusive', lower: 0, upper: 1 }],
] as [string, [number, number, boolean?][], object][])('%s', (_, seen, expected) => {
  expect(counted(...seen)).toMatchObject(expected);
});
