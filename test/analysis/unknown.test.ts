import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { DrillData } from '../../src/analysis/drill-data.js';
import type { Measurement } from '../../src/analysis/measurement.js';
import { metrics } from '../../src/analysis/metrics/registry.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { formatMeasurement } from '../../src/report/words.js';
import type { Signal } from '../../src/watches/watch.js';
import { simulate, targets } from '../fixtures/recording.js';

const MS = 1e6;
const EVENT = 2000;
const NEXT = 6000;
const END = 9900;
const faults = [
  { fault: 'cut', action: 'inject' as const, before: EVENT * MS, after: (EVENT + 1) * MS },
  { fault: 'cut', action: 'clear' as const, before: NEXT * MS, after: (NEXT + 1) * MS },
];
const watch = { kind: 'address', node: 'a', address: '10.0.0.9', state: 'held' } as const;
const data = new DrillData();
for (const event of simulate({ faults, passes: () => true, scenario: { watches: { w: watch, v: watch } } }))
  data.add(event);
data.close();

type State = 'active' | 'inactive' | 'unknown';

/** What metrics say of watches that gave these signals, each two milliseconds wide. */
function measured(metric: keyof typeof metrics, ...watches: [at: number, state: State][][]): Measurement {
  const subjects = ['w', 'v'].slice(0, watches.length);
  for (const [index, name] of subjects.entries()) data.signals.set(name, watches[index]!.map(signal));
  return metrics[metric].measure({ data, trial: data.trial!, subjects })[0]!;
}

const signal = ([at, state]: [number, State]): Signal => ({
  active: state === 'active',
  ...(state === 'unknown' && { unknown: true }),
  detail: state,
  before: (at - 1) * MS,
  after: (at + 1) * MS,
});

const bounds = ({ lower, upper }: Measurement) => [lower / MS, upper / MS];

test.each<[string, keyof typeof metrics, [number, State][], [number, number], string?]>([
  [
    'known again as active',
    'detection_time',
    [
      [2500, 'unknown'],
      [4000, 'active'],
    ],
    [498, 2001],
  ],
  [
    'known again as inactive',
    'detection_time',
    [
      [2500, 'unknown'],
      [4000, 'inactive'],
    ],
    [498, Infinity],
    'not known',
  ],
  [
    'known again as inactive, and active later',
    'detection_time',
    [
      [2500, 'unknown'],
      [4000, 'inactive'],
      [5000, 'active'],
    ],
    [498, 3001],
  ],
  ['never known again', 'detection_time', [[2500, 'unknown']], [498, Infinity], 'not known'],
  [
    'known again only after the window',
    'detection_time',
    [
      [2500, 'unknown'],
      [7000, 'active'],
    ],
    [498, Infinity],
    'not known',
  ],
  [
    'seen before it was lost',
    'detection_time',
    [
      [2300, 'active'],
      [2500, 'unknown'],
      [4000, 'active'],
    ],
    [298, 301],
  ],
  [
    'lost long before the event: perhaps it was active then',
    'detection_time',
    [
      [1000, 'unknown'],
      [4000, 'active'],
    ],
    [0, Infinity],
    'not known',
  ],
  [
    'a poll that the event itself made fail',
    'detection_time',
    [
      [2001, 'unknown'],
      [4000, 'active'],
    ],
    [0, 2001],
  ],
  [
    'active up to then',
    'detection_time',
    [
      [1000, 'active'],
      [2500, 'unknown'],
      [4000, 'active'],
    ],
    [498, Infinity],
    'not known',
  ],
  [
    'lost and back before the event',
    'detection_time',
    [
      [500, 'unknown'],
      [1000, 'inactive'],
      [3000, 'active'],
    ],
    [998, 1001],
  ],
  ['nothing lost', 'detection_time', [], [3999, Infinity], 'not observed'],
  [
    'how often',
    'signals',
    [
      [2300, 'active'],
      [2400, 'inactive'],
      [2500, 'unknown'],
      [4000, 'active'],
    ],
    [2, Infinity],
  ],
  [
    'how often, lost while active',
    'signals',
    [
      [2300, 'active'],
      [2500, 'unknown'],
      [4000, 'active'],
    ],
    [1, Infinity],
  ],
  [
    'how often, lost in another window',
    'signals',
    [
      [2300, 'active'],
      [6500, 'unknown'],
    ],
    [1, 1],
  ],
  [
    'how long',
    'active_time',
    [
      [2000, 'active'],
      [2500, 'unknown'],
      [4000, 'active'],
      [4100, 'inactive'],
    ],
    [596, 2102],
  ],
  [
    'how long, lost while inactive',
    'active_time',
    [
      [2500, 'unknown'],
      [4000, 'inactive'],
    ],
    [0, 1502],
  ],
  ['how long, never known again', 'active_time', [[2500, 'unknown']], [0, END - 2499]],
])('%s: %s', (_, metric, signals, expected, missing) => {
  const measurement = measured(metric, signals);
  expect(bounds(measurement)).toEqual(metric === 'signals' ? expected.map((count) => count / MS) : expected);
  expect(measurement.missing).toBe(missing);
});

test('of two watches: both may have been active while one did not know, and either may have been first', () => {
  const known: [number, State][] = [
    [2400, 'active'],
    [3000, 'inactive'],
  ];
  const lost: [number, State][] = [
    [2500, 'unknown'],
    [4000, 'inactive'],
  ];
  expect(bounds(measured('overlap_time', known, lost))).toEqual([0, 502]);
  expect(bounds(measured('decision_time', known, lost))).toEqual([98, Infinity]);
  const undecided = measured('decision_time', lost, known);
  expect(bounds(undecided)).toEqual([-Infinity, -98]);
  expect(formatMeasurement(undecided, 'duration')).toBe('not known (at most -98 ms)');
  // What nobody noticed was not decided after that.
  expect(bounds(measured('decision_time', [], known))).toEqual([-Infinity, Infinity]);
});

/** What really was, by the millisecond at which it changed, and when the watch was blind. */
const world = fc.record({
  changes: fc.uniqueArray(fc.integer({ min: 1, max: END - 2 }), { maxLength: 8 }),
  blind: fc.uniqueArray(fc.integer({ min: 1, max: END - 2 }), { maxLength: 6 }),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

/** The instants at which it became active, the times in which it was, and what the watch said of it. */
function play({ changes, blind }: World) {
  const began: number[] = [];
  const active: [number, number][] = [];
  for (const [index, at] of sorted(changes).entries()) {
    if (index % 2 === 0) {
      began.push(at);
      active.push([at, END]);
    } else active.at(-1)![1] = at;
  }
  const isActive = (at: number) => active.some(([from, to]) => from <= at && at < to);
  const edges = sorted(blind);
  const isBlind = (at: number) => edges.filter((edge) => edge <= at).length % 2 === 1;
  const said: [number, State][] = [];
  let last: State = 'inactive';
  for (const at of sorted([...changes, ...blind])) {
    const state: State = isBlind(at) ? 'unknown' : isActive(at) ? 'active' : 'inactive';
    if (state !== last) said.push([at, state]);
    last = state;
  }
  return { began, active, said };
}

const length = (spans: [number, number][]) => spans.reduce((sum, [from, to]) => sum + to - from, 0);
const common = (a: [number, number][], b: [number, number][]) =>
  a
    .flatMap(([from, to]) =>
      b.map(([start, end]): [number, number] => [Math.max(from, start), Math.min(to, end)]),
    )
    .filter(([from, to]) => to > from);

test('whatever happened while the watch was blind, the truth is within the bounds', () => {
  // Of what begins in the event's own bracket, nobody can say whether it was after it.
  const clear = world.filter(({ changes, blind }) =>
    [...changes, ...blind].every((at) => Math.abs(at - EVENT) > 3 && Math.abs(at - NEXT) > 3),
  );
  fc.assert(
    fc.property(clear, clear, (one, other) => {
      const [w, v] = [play(one), play(other)];
      const after = (began: number[]) => began.filter((at) => at > EVENT && at < NEXT);
      const first = (began: number[]) => (after(began)[0] ?? Number.POSITIVE_INFINITY) - EVENT;
      const expectWithin = (measurement: Measurement, truth: number, unit = MS) => {
        expect(measurement.lower).toBeLessThanOrEqual(truth * unit);
        expect(measurement.upper).toBeGreaterThanOrEqual(truth * unit);
      };
      expectWithin(measured('detection_time', w.said), first(w.began));
      expectWithin(measured('signals', w.said), after(w.began).length, 1);
      expectWithin(measured('active_time', w.said), length(w.active));
      expectWithin(measured('overlap_time', w.said, v.said), length(common(w.active, v.active)));
      const [noticed, decided] = [first(w.began), first(v.began)];
      if (Number.isFinite(noticed))
        expectWithin(measured('decision_time', w.said, v.said), decided - noticed);
    }),
    { numRuns: 1000 },
  );
});

test('what was not known is undecided, and stands in the report', () => {
  const result = analyze(
    simulate({
      faults,
      passes: () => true,
      signals: [
        { watch: 'w', before: 2500 * MS, after: 2501 * MS, active: false, unknown: true },
        { watch: 'w', before: 4000 * MS, after: 4001 * MS, active: false },
      ],
      scenario: {
        watches: { w: watch },
        ...targets('detection_time(w) < 3s', 'active_time(w) = 0ms', 'active_time(w) < 2s', 'signals(w) = 0'),
      },
    }),
  );
  expect(result.targets.map(({ verdict }) => verdict)).toEqual([
    'inconclusive',
    'inconclusive',
    'pass',
    'inconclusive',
  ]);
  expect(result.trials[0]!.watches).toEqual([
    { watch: 'w', active: [], unknown: [{ from: 2500.5 * MS, to: 4000.5 * MS, why: 'unknown: it is gone' }] },
  ]);
  expect(markdown.render(result)).toContain(
    'w: unknown: it is gone, from 0.500 s to 2.000 s after the first fault',
  );
  const page = html.render(result) as string;
  expect(page).toContain('<title>unknown: it is gone</title>');
  expect(page).toContain('>watches</text>');
});
