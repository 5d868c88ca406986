import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partition, type Weighed } from '../../src/shards/partition.js';

const drills = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 40 }).chain((files) =>
  fc
    .array(fc.oneof(fc.constant(1), fc.double({ min: 0.001, max: 1000, noNaN: true })), {
      minLength: files.length,
      maxLength: files.length,
    })
    .map((weights) => files.map((file, index): Weighed => ({ file, weight: weights[index]! }))),
);
const count = fc.integer({ min: 1, max: 50 });
const sum = (list: readonly Weighed[]) => list.reduce((all, { weight }) => all + weight, 0);
const names = (shards: readonly Weighed[][]) => shards.map((list) => list.map(({ file }) => file).sort());

describe('whatever the drills and however many shards', () => {
  test('every drill is in one shard', () => {
    fc.assert(
      fc.property(drills, count, (all, n) => {
        const shards = partition(all, n);
        expect(shards).toHaveLength(n);
        expect(
          shards
            .flat()
            .map(({ file }) => file)
            .sort(),
        ).toEqual(all.map(({ file }) => file).sort());
      }),
    );
  });

  test('no two shards differ by more than the longest drill', () => {
    fc.assert(
      fc.property(drills, count, (all, n) => {
        const loads = partition(all, n).map(sum);
        const longest = Math.max(0, ...all.map(({ weight }) => weight));
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(longest * (1 + 1e-9));
      }),
    );
  });

  test('in which order they are given does not matter', () => {
    const shuffled = drills.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, count, ([all, mixed], n) => {
        expect(names(partition(mixed, n))).toEqual(names(partition(all, n)));
      }),
    );
  });

  test('each shard keeps the order of what was given', () => {
    fc.assert(
      fc.property(drills, count, (all, n) => {
        for (const shard of partition(all, n))
          expect(shard).toEqual(all.filter((drill) => shard.includes(drill)));
      }),
    );
  });
});

test('an example', () => {
  const all = [
    ['a', 30],
    ['b', 10],
    ['c', 20],
    ['d', 20],
    ['e', 10],
  ].map(([file, weight]) => ({ file, weight }) as Weighed);
  expect(names(partition(all, 3))).toEqual([['a'], ['b', 'c'], ['d', 'e']]);
});
