import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { simulateTrials, targets } from '../fixtures/recording.js';

const MS = 1e6;
const OUTAGES = [300, 320, 340, 360, 380, 400, 420].map((length) => length * MS);

const statistics = (outages: readonly number[], metric = 'recovery_time') =>
  analyze(simulateTrials(outages)).measured.find((one) => one.metric === metric)!.statistics!;

test('every quantity has its spread over the trials', () => {
  const { trials, min, median, p95, max } = statistics(OUTAGES);
  expect(trials).toBe(7);
  for (const [figure, expected] of [
    [min, 300],
    [median.measured!, 360],
    [max, 420],
  ] as const) {
    expect(figure.lower).toBeLessThanOrEqual(expected * MS);
    expect(figure.upper).toBeGreaterThanOrEqual(expected * MS);
  }
  // Ranks 1 and 7 of 7, a packet's interval and the bracket of the fault away from the truth.
  expect(median.interval!.lower / MS).toBeGreaterThan(300 - 6);
  expect(median.interval!.lower / MS).toBeLessThanOrEqual(300);
  expect(median.interval!.upper / MS).toBeGreaterThanOrEqual(420);
  expect(median.interval!.upper / MS).toBeLessThan(420 + 6);
  expect(p95.measured).toBeUndefined();
});

test('a trial that did not recover makes the interval endless', () => {
  const { median, max } = statistics([...OUTAGES.slice(1), 1500 * MS]);
  expect(max).toMatchObject({ value: Infinity, missing: 'not recovered' });
  expect(median.measured!.value).toBeLessThan(450 * MS);
  expect(median.interval!.upper).toBe(Infinity);
});

test('of a target a trial counts with the aggregate that the target asks for', () => {
  const judged = (text: string) => analyze(simulateTrials(OUTAGES, { scenario: targets(text) })).targets[0]!;
  const counts = ({ trials }: ReturnType<typeof judged>) =>
    trials.map(({ measurement }) => measurement.value);
  const [most, least] = ['max < 900', 'min > 1'].map((text) => counts(judged(`packets_lost(app) ${text}`)));
  expect(most!.every((count, trial) => count >= least![trial]!)).toBe(true);
  expect(judged('packets_lost(app) > 1')).toMatchObject({ aggregate: 'min' });
  expect(counts(judged('packets_lost(app) > 1'))).toEqual(least);
});

test('what a target asks from an event of its own is among the quantities', () => {
  const { measured } = analyze(
    simulateTrials(OUTAGES, { scenario: targets('longest_loss_period(app after clear cut) < 1s') }),
  );
  expect(measured.find(({ event }) => event === 'clear cut')).toMatchObject({
    metric: 'longest_loss_period',
    subject: 'app',
    statistics: { trials: 7 },
  });
});

test('one trial has no spread', () => {
  const { targets, measured } = analyze(simulateTrials([300 * MS]));
  expect([...targets, ...measured].some(({ statistics }) => statistics)).toBe(false);
});
