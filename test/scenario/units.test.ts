import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, formatRate, parseDuration, parseRate } from '../../src/scenario/units.js';

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

test.each([
  ['50mbit', 50e6],
  ['1.5 Gbit/s', 1.5e9],
  ['512 kbit', 512e3],
  ['0bit', 0],
])('%s', (text, expected) => {
  expect(parseRate(text)).toBe(expected);
});

test.each(['50', 'mbit', '5mbyte', '-1mbit', '5mbit/h', '5 MB/s'])('"%s" is no bit rate', (text) => {
  expect(parseRate(text)).toBeUndefined();
});

test.each([
  [0, '0 bit/s'],
  [999, '999 bit/s'],
  [48_126_000, '48.13 Mbit/s'],
  [1e9, '1 Gbit/s'],
  [Number.POSITIVE_INFINITY, '∞'],
])('%d bits a second are written %s', (value, expected) => {
  expect(formatRate(value)).toBe(expected);
});

test('a rate that is written is read again, to four digits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), (value) => {
      expect(Math.abs(parseRate(formatRate(value))! - value) / value).toBeLessThan(0.0006);
    }),
  );
});
