import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTarget, type Target } from '../../src/scenario/target.js';

const good: [string, Partial<Target>][] = [
  [
    'recovery_time(app) max < 3s',
    {
      metric: 'recovery_time',
      subjects: ['app'],
      aggregate: 'max',
      comparison: '<',
      value: 3e9,
      unit: 'duration',
    },
  ],
  ['detection_time(reroute) p95 <= 1s', { aggregate: { percentile: 95 }, comparison: '<=' }],
  ['mos(call) min >= 3.6', { comparison: '>=', value: 3.6, unit: 'number', aggregate: 'min' }],
  ['sessions_survived(login) = 100%', { comparison: '=', value: 1, unit: 'share' }],
  ['sessions_survived(login) == 99.5 %', { comparison: '=', value: 0.995, unit: 'share' }],
  ['leaked_packets = 0', { metric: 'leaked_packets', subjects: [], value: 0, unit: 'number' }],
  ['recovery_time(app after cut) < 200ms', { event: { fault: 'cut', clear: false }, value: 200e6 }],
  ['recovery_time(app after clear cut2) max < 8s', { event: { fault: 'cut2', clear: true } }],
  ['decision_time(noticed, rerouted) < 50 ms', { subjects: ['noticed', 'rerouted'], value: 50e6 }],
  ['  recovery_time( app )max<3s ', { subjects: ['app'], value: 3e9, text: 'recovery_time( app )max<3s' }],
  ['goodput(copy after cut) > 50mbit', { comparison: '>', value: 50e6, unit: 'rate' }],
  ['goodput(copy) min >= 1.5 Gbit/s', { value: 1.5e9, unit: 'rate', aggregate: 'min' }],
  ['reversion_time(app) p99.9 < 1m', { aggregate: { percentile: 99.9 }, value: 60e9 }],
];

const bad: [string, string][] = [
  ['', 'not a target'],
  ['recovery_time(app)', 'not a target'],
  ['recovery_time(app) < 3 parsecs', 'cannot read the limit "3 parsecs"'],
  ['goodput(copy) > 50mbyte', 'cannot read the limit "50mbyte"'],
  ['goodput(copy) > 50mbit/h', 'not a target'],
  ['recovery_time(app) <> 3s', 'not a target'],
  ['recovery_time(app) < -3s', 'not a target'],
  ['recovery_time(a b) < 3s', 'cannot read "(a b)"'],
  ['recovery_time(app after) < 3s', 'cannot read "(app after)"'],
  ['recovery_time(app) p0 < 3s', 'p0 is no percentile'],
  ['recovery_time(app) p100 < 3s', 'p100 is no percentile'],
  ['recovery_time(app) mean < 3s', 'not a target'],
];

describe('parseTarget', () => {
  test.each(good)('%s', (text, expected) => {
    expect(parseTarget(text)).toMatchObject(expected);
  });

  test.each(bad)('refuses "%s"', (text, message) => {
    expect(parseTarget(text)).toContain(message);
  });

  test('reads back whatever is written in its grammar', () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
      .filter((text) => text !== 'after' && text !== 'clear');
    const target = fc.record({
      metric: name,
      subject: name,
      aggregate: fc.constantFrom('', 'min ', 'median ', 'max ', 'p95 '),
      comparison: fc.constantFrom('<', '<=', '=', '>=', '>'),
      value: fc.integer({ min: 0, max: 1e6 }),
    });
    fc.assert(
      fc.property(target, ({ metric, subject, aggregate, comparison, value }) => {
        const parsed = parseTarget(`${metric}(${subject}) ${aggregate}${comparison} ${value}ms`);
        expect(parsed).toMatchObject({
          metric,
          subjects: [subject],
          comparison,
          value: value * 1e6,
          unit: 'duration',
        });
      }),
    );
  });
});
