import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/scenario/units.js';

test.each([
  ['5ms', 5e6],
  ['1.5s', 1.5e9],
  ['2 m', 120e9],
  ['1h', 3600e9],
  ['250us', 250e3],
  ['250µs', 250e3],
  ['7ns', 7],
  ['0s', 0],
])('%s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(['5', 's', '-1s', '1 day', '1s2', ''])('"%s" is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, '0 ms'],
  [999, '1 µs'],
  [312_000_000, '312 ms'],
  [1_234_567_890, '1.23 s'],
  [61e9, '61 s'],
  [Number.POSITIVE_INFINITY, '∞'],
])('%d is written %s', (value, expected) => {
  expect(formatDuration(value)).toBe(expected);
});

test('what is written is read again, to three digits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 1e13 }), (value) => {
      const again = parseDuration(formatDuration(value))!;
      expect(Math.abs(again - value) / value).toBeLessThan(0.006);
    }),
  );
});
