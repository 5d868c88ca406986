import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { PHASES } from '../../src/analysis/phase.js';
import { phaseResults } from '../../src/analysis/phases.js';
import type { PhaseResult } from '../../src/analysis/result.js';
import { waterfall } from '../../src/analysis/waterfall.js';
import { waterfallChart } from '../../src/report/charts/waterfall.js';
import { describePhase, phaseName } from '../../src/report/words.js';
import { type Simulation, simulate, simulateTrials } from '../fixtures/recording.js';

const MS = 1e6;

/** A cut from 2 s to 6 s; the packets of stream `n` are lost for `outage(n)` nanoseconds from 2 s on. */
const cut = (outage: (stream: number) => number, more: Partial<Simulation> = {}) =>
  analyze(
    simulate({
      passes: (at, stream) => at < 2000 * MS || at >= 2000 * MS + outage(stream),
      faults: [
        { action: 'inject', before: 2000 * MS, after: 2001 * MS },
        { action: 'clear', before: 6000 * MS, after: 6001 * MS },
      ],
      ...more,
    }),
  );

const phaseOf = ({ phases }: ReturnType<typeof cut>, name: string): PhaseResult =>
  phases[0]!.phases.find((result) => phaseName(result) === name)!;

describe('a watch', () => {
  const watched = (signals: NonNullable<Simulation['signals']>) =>
    phaseOf(
      cut(() => 300 * MS, { signals, phases: { bfd: 'detect' } }),
      'detect · bfd',
    ).trials[0]!.measurement;

  test('shows its phase by its first change after the fault, whichever way it goes', () => {
    const before = { watch: 'bfd', before: 0, after: 1 * MS };
    expect(watched([before, { watch: 'bfd', active: false, before: 2210 * MS, after: 2220 * MS }])).toEqual({
      lower: 209 * MS,
      upper: 220 * MS,
      value: 214.5 * MS,
    });
    expect(watched([{ watch: 'bfd', before: 2210 * MS, after: 2220 * MS }])).toMatchObject({
      lower: 209 * MS,
    });
  });

  test('that nobody could ask may have changed all that time', () => {
    const lost = { watch: 'bfd', active: false, unknown: true as const, before: 2050 * MS, after: 2051 * MS };
    expect(
      watched([lost, { watch: 'bfd', active: false, before: 2400 * MS, after: 2401 * MS }]),
    ).toMatchObject({
      lower: 49 * MS,
      upper: 401 * MS,
    });
    expect(watched([lost])).toMatchObject({ missing: 'not observed', value: Number.POSITIVE_INFINITY });
  });

  test('that knows again what it knew before has not changed', () => {
    const known = { watch: 'bfd', before: 0, after: 1 * MS };
    const lost = { watch: 'bfd', active: false, unknown: true as const, before: 2050 * MS, after: 2051 * MS };
    const again = { watch: 'bfd', before: 2400 * MS, after: 2401 * MS };
    expect(watched([known, lost, again])).toMatchObject({ missing: 'not observed' });
    const down = { watch: 'bfd', active: false, before: 3000 * MS, after: 3001 * MS };
    // While it did not know, it may have gone down and come up.
    expect(watched([known, lost, again, down])).toMatchObject({ lower: 49 * MS, upper: 1001 * MS });
    const before = { ...lost, before: 1500 * MS, after: 1501 * MS };
    expect(watched([known, before, again, down])).toMatchObject({ lower: 0, upper: 1001 * MS });
  });

  test('that told of nothing until the fault was cleared has not shown it', () => {
    expect(watched([{ watch: 'bfd', before: 6500 * MS, after: 6501 * MS }])).toMatchObject({
      missing: 'not observed',
      lower: 3999 * MS,
    });
  });
});

test('probes show the first flow that is back, and the last', () => {
  const result = cut((stream) => (stream === 0 ? 200 : 400) * MS);
  const [first, all] = ['first flow · app', 'all flows · app'].map(
    (name) => phaseOf(result, name).trials[0]!.measurement,
  );
  expect(first!.value / MS).toBeCloseTo(200, -1);
  expect(all!.value / MS).toBeCloseTo(400, -1);
  expect(all!.lower).toBeLessThanOrEqual(399.5 * MS);
  expect(all!.upper).toBeGreaterThanOrEqual(399.5 * MS);
});

test('a phase that nothing shows is there, and is said; it has no bar', () => {
  const result = cut(() => 300 * MS);
  const decide = phaseOf(result, 'decide');
  expect(decide).toEqual({ phase: 'decide', trials: [] });
  expect(describePhase(decide)).toBe('not observed: no watch shows it');
  const row = waterfall(result.phases[0]!).find(({ result }) => result.phase === 'decide')!;
  expect(row).toEqual({ result: decide, dots: [] });
  const chart = waterfallChart(result.phases[0]!);
  expect(chart).toContain('not observed: no watch shows it');
  expect(chart.match(/class="bar /g)).toHaveLength(2);
});

test('what was not interrupted has no bar, and how long an outage would not have shown', () => {
  const result = cut(() => 0);
  expect(describePhase(phaseOf(result, 'all flows · app'))).toMatch(
    /^not interrupted \(less than \d+(\.\d+)? ms would not show\)$/,
  );
  expect(waterfall(result.phases[0]!).every(({ bar }) => bar === undefined)).toBe(true);
});

test('trials that did not come to a phase are counted, and keep the median honest', () => {
  const { phases } = analyze(simulateTrials([300, 9000, 9000].map((outage) => outage * MS)));
  const all = phases[0]!.phases.find(({ phase }) => phase === 'all flows')!;
  expect(describePhase(all)).toMatch(/^not recovered in 2 of 3 trials, else from 30\d ms \[.*\]$/);
  const row = waterfall(phases[0]!).find(({ result }) => result === all)!;
  expect(row.bar).toBeUndefined();
  expect(row.dots).toHaveLength(1);
});

test('faults of one step are one, those of another are another', () => {
  const at = (fault: string, action: 'inject' | 'clear', ms: number) => ({
    fault,
    action,
    before: ms * MS,
    after: (ms + 1) * MS,
  });
  const { phases } = cut(() => 300 * MS, {
    faults: [at('cut', 'inject', 2000), at('spare', 'inject', 3000), at('cut', 'clear', 6000)],
  });
  expect(phases.map(({ fault }) => fault)).toEqual(['cut', 'spare']);
  expect(phases.map(({ phases }) => describePhase(phases.at(-2)!).slice(0, 3))).toEqual(['301', 'not']);
});

test('a bar begins at an earlier phase and ends at its own median', () => {
  const figure = fc.record({
    phase: fc.constantFrom(...PHASES),
    by: fc.constantFrom('a', 'b'),
    value: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(figure, { minLength: 1, maxLength: 20 }), (figures) => {
      const [result] = phaseResults([
        {
          trial: 1,
          phases: [...new Map(figures.map((one) => [`${one.phase} ${one.by}`, one])).values()].map(
            ({ phase, by, value }) => ({
              fault: 'cut',
              phase,
              by,
              measurement: { value, lower: value, upper: value },
            }),
          ),
        },
      ]);
      const ends = new Set([0]);
      for (const { bar, result: own } of waterfall(result!)) {
        if (!bar) expect(own.by).toBeUndefined();
        else {
          expect(ends).toContain(bar.from);
          expect(bar.from).toBeLessThanOrEqual(bar.to);
          expect(bar.to).toBe(own.trials[0]!.measurement.value);
          ends.add(bar.to);
        }
      }
    }),
  );
});
