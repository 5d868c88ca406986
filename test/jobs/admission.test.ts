import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Job, nextJob } from '../../src/jobs/admission.js';

interface Named extends Job {
  name: string;
}
const job = (name: string, of: Partial<Named> = {}): Named => ({
  ...{ name, lab: name, cost: 0.3, duration: 10, again: false },
  ...of,
});
const LIMITS = { budget: 1, most: 3 };

describe('which drill may start', () => {
  test.each<[string, Named[], Named[], string | undefined]>([
    ['nothing waits', [], [], undefined],
    ['one that fits', [job('a')], [job('b')], 'a'],
    ['none where as many run as may', [job('a')], [job('b'), job('c'), job('d')], undefined],
    [
      'one that does not fit waits; a smaller one goes before it',
      [job('a', { cost: 0.9 }), job('b')],
      [job('c')],
      'b',
    ],
    ['dearer than the machine: alone', [job('a', { cost: 3 })], [], 'a'],
    [
      'dearer than the machine: not beside another',
      [job('a', { cost: 3 })],
      [job('b', { cost: 0 })],
      undefined,
    ],
    ['of a lab that is up: not', [job('a', { lab: 'x' })], [job('b', { lab: 'x' })], undefined],
    ['of unknown cost: first', [job('a'), job('b', { cost: undefined })], [], 'b'],
    ['of unknown cost: not beside another', [job('b', { cost: undefined })], [job('a')], undefined],
    ['nothing beside one of unknown cost', [job('a')], [job('b', { cost: undefined })], undefined],
    ['again: last', [job('a', { again: true }), job('b')], [], 'b'],
    ['again: not beside another', [job('a', { again: true })], [job('b')], undefined],
    ['nothing beside one that runs again', [job('a')], [job('b', { again: true })], undefined],
    ['the longest first', [job('a'), job('b', { duration: 20 })], [], 'b'],
    [
      'of the lab with most to do first',
      [job('a', { duration: 20 }), job('b', { lab: 'x', duration: 15 }), job('c', { lab: 'x' })],
      [],
      'b',
    ],
  ])('%s', (_, waiting, running, expected) => {
    expect(nextJob(waiting, running, LIMITS)?.name).toBe(expected);
  });
});

const jobs = fc.array(
  fc.record({
    name: fc.string(),
    lab: fc.constantFrom('x', 'y', 'z', 'w'),
    cost: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: undefined }),
    duration: fc.integer({ min: 0, max: 100 }),
    again: fc.boolean(),
  }),
  { maxLength: 20 },
);
const limits = fc.record({
  budget: fc.double({ min: 0.1, max: 4, noNaN: true }),
  most: fc.integer({ min: 1, max: 6 }),
});

test('whatever waits: everything comes to its turn, and what runs at once is within the limits', () => {
  fc.assert(
    fc.property(jobs, limits, fc.array(fc.nat()), (all, limits, ends) => {
      let waiting: Job[] = [...all];
      const running: Job[] = [];
      let done = 0;
      for (let turn = 0; waiting.length + running.length > 0; turn++) {
        const next = nextJob(waiting, running, limits);
        if (next) {
          waiting = waiting.filter((one) => one !== next);
          running.push(next);
          expect(new Set(running.map(({ lab }) => lab)).size).toBe(running.length);
          expect(running.length).toBeLessThanOrEqual(limits.most);
          if (running.length === 1) continue;
          expect(running.every(({ cost, again }) => cost !== undefined && !again)).toBe(true);
          expect(running.reduce((sum, { cost }) => sum + cost!, 0)).toBeLessThanOrEqual(limits.budget);
        } else {
          // Nothing is left to wait for where nothing runs.
          expect(running.length).toBeGreaterThan(0);
          running.splice((ends[turn % (ends.length || 1)] ?? 0) % running.length, 1);
          done++;
        }
      }
      expect(done).toBe(all.length);
    }),
  );
});
