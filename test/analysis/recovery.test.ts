import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { Measurement } from '../../src/analysis/measurement.js';
import { type Simulation, simulate } from '../fixtures/recording.js';

const MS = 1e6;

/** What one trial measured for a metric of `app`. */
function measured(metric: string, simulation: Simulation): Measurement {
  const result = analyze(simulate(simulation)).measured.find((entry) => entry.metric === metric);
  return result!.trials[0]!.measurement;
}

/** @param early how long before and after the cut the bracket of the fault begins and ends */
const cut = (from: number, to: number, { early = 1000, late = 1000 } = {}) => ({
  passes: (at: number) => at < from || at >= to,
  faults: [
    { action: 'inject' as const, before: from - early, after: from + late },
    { action: 'clear' as const, before: 6000 * MS, after: 6000 * MS },
  ],
});

describe('the actual value lies within the bounds', () => {
  const outage = fc.record({
    from: fc.double({ min: 2000 * MS, max: 3000 * MS, noNaN: true }),
    length: fc.double({ min: 1 * MS, max: 1500 * MS, noNaN: true }),
    /** A sender that stalls now and then. */
    stall: fc.integer({ min: 0, max: 60 }),
    delay: fc.integer({ min: 50_000, max: 40 * MS }),
    /** A fault that takes long, as a container that is slow to be killed. */
    early: fc.integer({ min: 1000, max: 1500 * MS }),
    late: fc.integer({ min: 1000, max: 2500 * MS }),
  });
  const world = ({
    from,
    length,
    stall,
    delay,
    early,
    late,
  }: {
    from: number;
    length: number;
    stall: number;
    delay: number;
    early: number;
    late: number;
  }) => ({
    ...cut(from, from + length, { early, late }),
    lateness: (number: number) => (number % 997 === 400 ? stall * MS : 20_000),
    delay: () => delay,
  });

  test('of the recovery time', () => {
    fc.assert(
      fc.property(outage, (drawn) => {
        const { value, lower, upper } = measured('recovery_time', world(drawn));
        expect(lower).toBeLessThanOrEqual(drawn.length);
        expect(upper).toBeGreaterThanOrEqual(drawn.length);
        expect(value).toBeGreaterThanOrEqual(lower);
        expect(value).toBeLessThanOrEqual(upper);
      }),
      { numRuns: 60 },
    );
  });

  test('of the loss of connectivity', () => {
    fc.assert(
      fc.property(outage, (drawn) => {
        const { lower, upper } = measured('loss_of_connectivity', world(drawn));
        expect(lower).toBeLessThanOrEqual(drawn.length);
        expect(upper).toBeGreaterThanOrEqual(drawn.length);
      }),
      { numRuns: 60 },
    );
  });

  test('of the longest loss period', () => {
    fc.assert(
      fc.property(outage, (drawn) => {
        const { value, lower, upper } = measured('longest_loss_period', world(drawn));
        expect(lower).toBeLessThanOrEqual(drawn.length);
        expect(upper).toBeGreaterThanOrEqual(drawn.length);
        expect(value).toBeGreaterThanOrEqual(lower);
        expect(value).toBeLessThanOrEqual(upper);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the longest loss period', () => {
  test('is as exact as the flows together are dense', () => {
    const { value } = measured('longest_loss_period', { ...cut(2001.3 * MS, 2313.9 * MS), flows: 4 });
    // Four flows at 5 ms send at two moments of an interval each way.
    expect(Math.abs(value - 312.6 * MS)).toBeLessThan(2.5 * MS);
  });

  test('is the longest one, and goes on when the fault is cleared', () => {
    const passes = (at: number) => (at < 2000 * MS || at >= 2040 * MS) && (at < 5000 * MS || at >= 6200 * MS);
    const { value } = measured('longest_loss_period', { ...cut(0, 0), passes });
    expect(value / MS).toBeCloseTo(1200, -1);
  });

  test('is at most the time between two packets, where none was lost', () => {
    const { value, lower, upper } = measured('longest_loss_period', {
      ...cut(0, 0),
      lateness: (number) => (number === 997 ? 33 * MS : 0),
    });
    expect({ value, lower }).toEqual({ value: 0, lower: 0 });
    expect(upper / MS).toBeCloseTo(38, 0);
  });
});

test('a punctual sender gives bounds of one interval', () => {
  const { lower, upper } = measured('recovery_time', cut(2001.3 * MS, 2313.9 * MS));
  expect(upper - lower).toBeLessThan(5.5 * MS);
  expect(lower).toBeLessThan(312.6 * MS);
  expect(upper).toBeGreaterThan(312.6 * MS);
});

test('nothing lost is recovered at once', () => {
  expect(measured('recovery_time', cut(2000 * MS, 2000 * MS))).toMatchObject({ value: 0, lower: 0 });
});

test('the worst flow counts for recovery, the best for the first flow', () => {
  const simulation = {
    ...cut(0, 0),
    passes: (at: number, stream: number) => at < 2000 * MS || at >= (2200 + 100 * stream) * MS,
  };
  simulation.faults[0] = { action: 'inject', before: 2000 * MS, after: 2000 * MS };
  const worst = measured('recovery_time', simulation);
  expect(worst).toMatchObject({ of: 'flow 1 back' });
  expect(worst.value / MS).toBeCloseTo(500, -1);
  const first = measured('first_flow_time', simulation);
  expect(first).toMatchObject({ of: 'flow 0 there' });
  expect(first.value / MS).toBeCloseTo(200, -1);
});

describe('what was not seen is not claimed', () => {
  test('no recovery: at least the time that was watched', () => {
    const { value, lower, upper, missing } = measured('recovery_time', cut(2000 * MS, 9999 * MS));
    expect({ value, upper, missing }).toEqual({ value: Infinity, upper: Infinity, missing: 'not recovered' });
    expect(lower / MS).toBeCloseTo(4000, -1);
  });

  test('a recovery that was not watched for the validation time is none', () => {
    const { upper, missing } = measured('recovery_time', { ...cut(2000 * MS, 5700 * MS) });
    expect({ upper, missing }).toEqual({
      upper: Infinity,
      missing: 'recovered, but not watched for the validation time',
    });
  });

  test('a packet later than the threshold is lost', () => {
    const simulation = {
      ...cut(2000 * MS, 2000 * MS),
      delay: (at: number) => (at > 2000 * MS && at < 2300 * MS ? 3000 * MS : 100_000),
    };
    expect(measured('recovery_time', simulation).value / MS).toBeCloseTo(300, -1);
    expect(measured('packets_lost', simulation).value).toBeGreaterThan(50);
  });
});

describe('counts are exact', () => {
  const quiet = cut(2000 * MS, 2000 * MS);
  test('lost', () => {
    const seen = new Set<number>();
    const passes = (at: number, stream: number) => {
      const number = Math.round(at / MS / 5);
      if (stream !== 0 || at < 2500 * MS || at > 2600 * MS || number % 3 !== 0) return true;
      seen.add(number);
      return false;
    };
    expect(measured('packets_lost', { ...quiet, passes })).toMatchObject({
      value: seen.size,
      lower: seen.size,
      upper: seen.size,
      of: 'flow 0 there',
    });
    expect(measured('loss_periods', { ...quiet, passes })).toMatchObject({ value: seen.size });
  });

  test('duplicated', () => {
    const copies = (number: number, stream: number) =>
      stream === 1 && number >= 500 && number < 507 ? 2 : 1;
    expect(measured('packets_duplicated', { ...quiet, copies })).toMatchObject({
      value: 7,
      of: 'flow 0 back',
    });
    expect(measured('packets_lost', { ...quiet, copies })).toMatchObject({ value: 0 });
  });

  test('reordered: each that comes after one sent later', () => {
    const delay = (at: number, stream: number) =>
      stream === 2 && at > 3000 * MS && at < 3020 * MS ? 30 * MS : 100_000;
    expect(measured('packets_reordered', { ...quiet, delay })).toMatchObject({
      value: 4,
      of: 'flow 1 there',
    });
  });
});
