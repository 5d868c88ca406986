import { execaSync } from 'execa';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  daysAfter,
  type Frequency,
  instantOf,
  isDay,
  isIn,
  periodAfter,
  periodBefore,
  periodOf,
  periodsBetween,
  quarterNamed,
} from '../../src/programme/calendar.js';

const FREQUENCIES: Frequency[] = ['weekly', 'monthly', 'quarterly'];

/** Every day from 1999 to 2045. */
const days = Array.from({ length: 17_000 }, (_, index) => daysAfter('1999-01-01', index));
const anyDay = fc.constantFrom(...days);
const anyFrequency = fc.constantFrom(...FREQUENCIES);

test('weeks, months and quarters are those of date(1), every day for 46 years', () => {
  const { stdout } = execaSync('date', ['-u', '-f', '-', '+%G-W%V %Y-%m %Y-Q%q'], { input: days.join('\n') });
  const own = days.map((day) => FREQUENCIES.map((frequency) => periodOf(frequency, day).name).join(' '));
  expect(own).toEqual(stdout.split('\n'));
});

test('periods divide the calendar: each day is in one, and they follow each other', () => {
  fc.assert(
    fc.property(anyFrequency, anyDay, (frequency, day) => {
      const period = periodOf(frequency, day);
      expect(isIn(period, day)).toBe(true);
      expect(periodOf(frequency, period.first)).toEqual(period);
      expect(periodOf(frequency, period.last)).toEqual(period);
      const next = periodAfter(frequency, period);
      expect(next.first).toBe(daysAfter(period.last, 1));
      expect(periodBefore(frequency, next)).toEqual(period);
      const length = 1 + (instantOf(period.last) - instantOf(period.first)) / 86_400_000;
      const [least, most] = { weekly: [7, 7], monthly: [28, 31], quarterly: [90, 92] }[frequency];
      expect(length).toBeGreaterThanOrEqual(least!);
      expect(length).toBeLessThanOrEqual(most!);
    }),
  );
});

test('periods between two days: each day between is in exactly one', () => {
  fc.assert(
    fc.property(anyFrequency, anyDay, fc.nat(800), (frequency, from, length) => {
      const to = daysAfter(from, length);
      const periods = periodsBetween(frequency, from, to);
      for (const day of [from, to, daysAfter(from, length >> 1)])
        expect(periods.filter((period) => isIn(period, day))).toHaveLength(1);
      expect(periods[0]).toEqual(periodOf(frequency, from));
      expect(periods.at(-1)).toEqual(periodOf(frequency, to));
    }),
  );
});

test('a quarter is found by its name', () => {
  fc.assert(
    fc.property(anyDay, (day) => {
      const quarter = periodOf('quarterly', day);
      expect(quarterNamed(quarter.name)).toEqual(quarter);
    }),
  );
});

describe('what is a day', () => {
  test.each([
    ['2024-02-29', true],
    ['2026-12-31', true],
    ['2023-02-29', false],
    ['1900-02-29', false],
    ['2026-02-30', false],
    ['2026-04-31', false],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['2026-1-1', false],
    ['2026-01-01T00:00', false],
    ['26-01-01', false],
    ['1969-12-31', false],
    ['', false],
    ['tomorrow', false],
    ['２０２６-01-01', false],
  ])('%s: %s', (text, expected) => {
    expect(isDay(text)).toBe(expected);
  });
});
