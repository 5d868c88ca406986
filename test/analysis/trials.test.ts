import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { Event } from '../../src/recording/events.js';
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

test('a trial does not reach into the one before, nor to before the instruments, however long the steady state has held', () => {
  const events = simulateTrials([900 * MS, 100 * MS, 200 * MS], {
    scenario: targets('longest_loss_period(app) < 1s'),
  }).flatMap((event): Event[] => {
    // A condition on a watch holds since the drill began.
    if (event.k === 'steady') return [{ ...event, since: 0 }];
    // The lab took its time.
    if (event.k === 'probes') return [{ ...event, t: 500 * MS }];
    return 't' in event && event.k === 'prober' && event.t < 500 * MS ? [] : [event];
  });
  const { trials, targets: judged } = analyze(events);
  expect(trials.map(({ valid }) => valid)).toEqual([true, true, true]);
  const lengths = judged[0]!.trials.map(({ measurement }) => measurement.value / MS);
  for (const [index, length] of [900, 100, 200].entries())
    expect(Math.abs(lengths[index]! - length)).toBeLessThan(11);
});

test('instruments that begin late are not silent before', () => {
  const late = (event: Event) => !('t' in event) || event.k !== 'prober' || event.t > 2500 * MS;
  const moved = simulateTrials([100 * MS], { scenario: targets('longest_loss_period(app) < 1s') })
    .filter(late)
    .map((event) => (event.k === 'steady' ? { ...event, since: 0 } : event));
  const disturbances = (t: number) =>
    analyze(moved.map((event) => (event.k === 'probes' ? { ...event, t } : event))).trials[0]!.disturbances;
  expect(disturbances(0)).toEqual(['the probing thread was silent for 2.6 s']);
  expect(disturbances(900 * MS)).toEqual([]);
});
