import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { Event } from '../../src/recording/events.js';
import { simulate, targets } from '../fixtures/recording.js';

const MS = 1e6;

const captured = (t: number, packets: number, dropped = 0, probe = 'app'): Event => ({
  k: 'captured',
  t: t * MS,
  dropped,
  leaks:
    packets === 0
      ? []
      : [
          {
            link: 'a:eth1 <-> b:eth1',
            direction: 'forth',
            probe,
            packets,
            first: (t - 50) * MS,
            last: (t - 10) * MS,
            excerpt: '4500',
          },
        ],
});

const judged = (...events: Event[]) => {
  const drill = simulate({
    faults: [{ fault: 'a', action: 'inject', before: 5000 * MS, after: 5001 * MS }],
    passes: () => true,
    scenario: targets('leaked_packets(app) = 0'),
  });
  const end = drill.findIndex(({ k }) => k === 'trial-end');
  const {
    targets: [target],
    trials,
  } = analyze([...drill.slice(0, end), ...events, ...drill.slice(end)]);
  return { verdict: target!.verdict, measured: target!.measured, leaks: trials[0]!.leaks };
};

test('none is a pass, one a fail', () => {
  expect(judged(captured(1000, 0)).verdict).toBe('pass');
  expect(judged(captured(1000, 1)).verdict).toBe('fail');
});

test('what there was no room for may have leaked', () => {
  expect(judged(captured(1000, 0, 3))).toMatchObject({
    verdict: 'inconclusive',
    measured: { value: 0, lower: 0, upper: 3 },
  });
  expect(judged(captured(1000, 2, 3))).toMatchObject({ verdict: 'fail', measured: { lower: 2, upper: 5 } });
});

test('those of other probes do not count; those of one are added up', () => {
  const { measured, leaks } = judged(captured(1000, 2), captured(1200, 3), captured(1200, 5, 0, 'web'));
  expect(measured).toMatchObject({ value: 5 });
  expect(leaks.filter(({ probe }) => probe === 'app')).toMatchObject([
    { packets: 5, from: 950 * MS, to: 1190 * MS },
  ]);
});
