import { expect, test } from 'vitest';
import type { JudgedEntry } from '../../src/history/entry.js';
import { Costs } from '../../src/jobs/costs.js';

const drilled = (name: string, day: number, lab: string, processors?: number) =>
  ({
    folder: `${name}-${day}`,
    drill: {
      name,
      started: `2026-01-${day}T10:00:00.000Z`,
      lab,
      ...(processors !== undefined && { processors }),
    },
  }) as JudgedEntry;

test('the latest of the scenario, else the dearest of the lab, else nothing', () => {
  const costs = new Costs([
    drilled('a', 12, 'x', 0.5),
    drilled('a', 11, 'x', 0.9),
    drilled('b', 10, 'x', 0.7),
    drilled('b', 13, 'x'),
    drilled('c', 10, 'y'),
  ]);
  expect(costs.of({ scenario: 'a', lab: 'x' })).toBe(0.5);
  expect(costs.of({ scenario: 'b', lab: 'x' })).toBe(0.7);
  expect(costs.of({ scenario: 'new', lab: 'x' })).toBe(0.9);
  expect(costs.of({ scenario: 'c', lab: 'y' })).toBeUndefined();
  costs.note({ scenario: 'c', lab: 'y', processors: 0.2 });
  expect(costs.of({ scenario: 'd', lab: 'y' })).toBe(0.2);
});
