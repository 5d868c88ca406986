import fc from 'fast-check';
import { expect, test } from 'vitest';
import { featuresOf, isAtLeast, parseVersion } from '../../src/containerlab/version.js';

test.each([
  ['0.79.0\n', [0, 79, 0]],
  ['    version: 0.69.3\n     commit: abc1234\n       date: 2025-01-01', [0, 69, 3]],
  ['v1.2', [1, 2, 0]],
  ['containerlab', undefined],
])('%j', (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

test('versions are ordered as their numbers are', () => {
  const part = fc.integer({ min: 0, max: 200 });
  const version = fc.tuple(part, part, part);
  const weight = ([a, b, c]: readonly number[]) => (a! * 1000 + b!) * 1000 + c!;
  fc.assert(
    fc.property(version, version, (one, other) => {
      expect(isAtLeast(one, other)).toBe(weight(one) >= weight(other));
    }),
  );
});

test('a feature is there from its first version on', () => {
  expect(featuresOf([0, 74, 9]).nodeLifecycle).toBe(false);
  expect(featuresOf([0, 75, 0])).toMatchObject({ nodeLifecycle: true, skipManagementNetwork: false });
});
