import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { Event } from '../../src/recording/events.js';
import { type Simulation, simulate, targets } from '../fixtures/recording.js';

const MS = 1e6;
const fault = (name: string, action: 'inject' | 'clear', at: number) => ({
  fault: name,
  action,
  before: at * MS,
  after: (at + 0.1) * MS,
});
const FROM = 2000;
const OUTAGE = 800;
const passes = (at: number) => at < FROM * MS || at >= (FROM + OUTAGE) * MS;

/** What a target came to where these things happen in these steps. */
function measured(target: string, faults: ReturnType<typeof fault>[], steps: number[]) {
  const events = simulate({ faults, passes, scenario: targets(target) }).filter(({ k }) => k !== 'step');
  const at = events.findIndex(({ k }) => k === 'steady');
  const step = (t: number): Event => ({ k: 'step', t: (t - 1) * MS, step: 'inject', text: 'x' });
  return analyze(events.toSpliced(at + 1, 0, ...steps.map(step))).targets[0]!.trials[0]!.measurement;
}

test.each([
  [
    'faults of one step share their window',
    [fault('a', 'inject', FROM), fault('b', 'inject', FROM + 1)],
    [FROM],
  ],
  [
    'a flap lasts until its step is over',
    [fault('a', 'inject', FROM), fault('a', 'clear', FROM + 300)],
    [FROM],
  ],
])('%s', (_, faults, steps) => {
  const { value } = measured('loss_of_connectivity(app after a) < 9s', faults, steps);
  expect(value / MS).toBeCloseTo(OUTAGE, -1);
});

test('the next step that does something ends the window', () => {
  const faults = [fault('a', 'inject', FROM), fault('a', 'clear', FROM + 300)];
  const { value } = measured('loss_of_connectivity(app after a) < 9s', faults, [FROM, FROM + 300]);
  expect(value / MS).toBeCloseTo(300, -1);
});

describe('what is on its way when the next step begins has not met the effect before it', () => {
  // One of the last packets is held up on its way to where the effect is.
  const underway = (sentAt: number) =>
    Math.abs(sentAt - (FROM + OUTAGE - 10) * MS) < 2 * MS ? 15 * MS : 3 * MS;
  const faults = [fault('a', 'inject', FROM), fault('a', 'clear', FROM + OUTAGE)];
  const meets = (sentAt: number) => {
    const there = sentAt + underway(sentAt) - 0.1 * MS;
    return there >= FROM * MS && there < (FROM + OUTAGE) * MS;
  };
  const met = (target: string, world: Partial<Simulation>) =>
    analyze(simulate({ faults, passes: () => true, ...world, scenario: targets(target) })).targets[0]!
      .trials[0]!.measurement!;

  test('a delay', () => {
    const delay = (sentAt: number) => underway(sentAt) + (meets(sentAt) ? 110 * MS : 0);
    expect(met('delay_variation(app after a) < 9s', { delay }).value).toBe(0);
    expect(met('one_way_delay(app after a) < 9s', { delay }).value).toBe(113 * MS);
  });

  test('a loss', () => {
    const lost = { delay: underway, passes: (sentAt: number) => !meets(sentAt) };
    expect(met('packet_loss(app after a) < 9%', lost).value).toBe(1);
  });

  test('what was held up in the middle until the next step let it go', () => {
    const isHeld = (sentAt: number) => Math.abs(sentAt - (FROM + OUTAGE / 2) * MS) < 2 * MS;
    const lost = {
      delay: (sentAt: number) => (isHeld(sentAt) ? (FROM + OUTAGE + 5) * MS - sentAt : underway(sentAt)),
      passes: (sentAt: number) => isHeld(sentAt) || !meets(sentAt),
    };
    expect(met('packet_loss(app after a) < 9%', lost).value).toBe(1);
  });

  test.each(['recovery_time', 'loss_of_connectivity', 'longest_loss_period', 'first_flow_time'])(
    '%s of a fault that hurt nobody, before one that does',
    (metric) => {
      const [calm, next] = [FROM - 1000, FROM];
      const before = [fault('calm', 'inject', calm), fault('a', 'inject', next)];
      const { value, upper, missing } = met(`${metric}(app after calm) < 9s`, {
        faults: before,
        delay: underway,
        passes: (sentAt: number) => !meets(sentAt),
      });
      expect({ value, missing }).toEqual({ value: 0, missing: undefined });
      expect(upper / MS).toBeLessThan(10);
    },
  );
});

test('a window between two packets: an outage as long as it may have been missed', () => {
  // Packets are 5 ms apart; the fault comes and goes between two of them.
  const [from, to] = [(FROM + 1.5) * MS, (FROM + 3.5) * MS];
  const faults = [
    { fault: 'a', action: 'inject' as const, before: from, after: from },
    { fault: 'a', action: 'clear' as const, before: to, after: to },
  ];
  const scenario = targets('longest_loss_period(app after a) < 9s');
  const events = simulate({ faults, flows: 1, passes: (at) => at < from || at >= to, scenario });
  const { lower, upper } = analyze(events).targets[0]!.trials[0]!.measurement!;
  expect([lower, upper >= to - from]).toEqual([0, true]);
});
