import { describe, expect, test } from 'vitest';
import { parseInstant } from '../../src/history/filter.js';

describe('an instant', () => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  test.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T08:30', '2026-03-01T08:30:00.000Z'],
    ['2026-03-01T08:30:15.5Z', '2026-03-01T08:30:15.500Z'],
    ['2026-03-01T08:30+02:00', '2026-03-01T06:30:00.000Z'],
    ['36h', '2026-03-09T00:00:00.000Z'],
    ['2d', '2026-03-08T12:00:00.000Z'],
    ['1w', '2026-03-03T12:00:00.000Z'],
  ])('%s', (text, instant) => {
    expect(new Date(parseInstant(text, now)!).toISOString()).toBe(instant);
  });

  test.each([
    '',
    'yesterday',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '2026-03-01T25:00',
    '3',
    '3m',
    '-1d',
    '2026-03-01 08:30',
  ])('not %j', (text) => {
    expect(parseInstant(text, now)).toBeUndefined();
  });
});
