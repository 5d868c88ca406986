import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Edge, likeliest } from '../../src/analysis/edges.js';

const edge = (from: number, to: number): Edge => ({ from, to });

test.each([
  ['alone: its middle', [edge(10, 20)], 15],
  ['what it has in common with those that overlap', [edge(10, 20), edge(13, 23), edge(8, 18)], 15.5],
  ['not with those that do not', [edge(10, 20), edge(0, 10), edge(20, 30)], 15],
  [
    'its middle, where those that overlap have nothing in common',
    [edge(10, 20), edge(5, 12), edge(18, 28)],
    15,
  ],
  ['of no length', [edge(10, 10)], 10],
])('%s', (_, edges, expected) => {
  expect(likeliest(edges)(edges[0]!)).toBe(expected);
});

describe('flows that are hit together', () => {
  const drawn = fc.record({
    at: fc.double({ min: 100, max: 200, noNaN: true }),
    phases: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
  });
  const edgesRound = (at: number, phases: readonly number[]) =>
    phases.map((phase) => edge(Math.floor(at - phase) + phase, Math.floor(at - phase) + phase + 1));

  test('sharpen each other, and stay within what each of them says', () => {
    fc.assert(
      fc.property(drawn, ({ at, phases }) => {
        const edges = edgesRound(at, phases);
        const [from, to] = [
          Math.max(...edges.map(({ from }) => from)),
          Math.min(...edges.map(({ to }) => to)),
        ];
        for (const each of edges) {
          const instant = likeliest(edges)(each);
          expect(instant).toBeCloseTo((from + to) / 2, 9);
          expect(instant).toBeGreaterThanOrEqual(each.from);
          expect(instant).toBeLessThanOrEqual(each.to);
        }
      }),
    );
  });
});
