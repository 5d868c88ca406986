import { expect, test } from 'vitest';
import { contradiction, impairment, isPureLoss } from '../../src/netem/impairment.js';
import { noCounters } from '../../src/netem/stage.js';
import { describeCounters, describeImpairment } from '../../src/netem/words.js';

type Said = Parameters<typeof impairment>[0];

test.each<[Said, string]>([
  [{ reorder: '25%' }, 'reorder'],
  [{ delay: '10ms', gap: 5 }, 'gap'],
  [{ delay: '10ms', 'delay-correlation': '25%' }, 'delay-correlation'],
  [{ delay: '10ms', distribution: 'normal' }, 'distribution'],
  [{ delay: '10ms', 'packet-overhead': 10 }, 'packet-overhead'],
  [{ rate: '1mbit', 'cell-overhead': 5 }, 'cell-overhead'],
  [{ slot: { min: '20ms', max: '10ms' } }, 'slot'],
  [{}, 'inject'],
])('%j contradicts itself at %s', (said, key) => {
  expect(contradiction(impairment(said))?.key).toBe(key);
});

test.each<Said>([
  { delay: '10ms', reorder: '25%', gap: 5 },
  { delay: '10ms', jitter: '2ms', distribution: 'pareto', 'delay-correlation': '25%' },
  { loss: { gemodel: { p: '1%' } } },
  { rate: '1mbit', 'cell-size': 48, 'cell-overhead': 5 },
])('%j does not', (said) => {
  expect(contradiction(impairment(said))).toBeUndefined();
});

test.each<[unknown, RegExp]>([
  [{ loss: '101%' }, /percentage/],
  [{ loss: 5 }, /percentage/],
  [{ delay: '-5ms' }, /duration/],
  [{ rate: '10' }, /bit rate with a unit/],
  [{ rate: '0mbit' }, /bit rate/],
  [{ limit: 0 }, /1/],
])('%j is refused', (said, message) => {
  expect(() => impairment(said as Said)).toThrow(message);
});

test('only what only loses packets can do without the relay', () => {
  expect(isPureLoss(impairment({ loss: '5%' }))).toBe(true);
  expect(isPureLoss(impairment({ loss: '5%', delay: '1ms' }))).toBe(false);
  expect(isPureLoss(impairment({ loss: '5%', duplicate: '1%' }))).toBe(false);
});

test('people read what was configured, and what came of it', () => {
  const said: Said = {
    delay: '200ms',
    jitter: '20ms',
    distribution: 'normal',
    loss: { percent: '5%', correlation: '25%' },
    rate: '2.5mbit',
    reorder: '1%',
    gap: 3,
  };
  expect(describeImpairment(impairment(said))).toBe(
    'delay 200 ms ± 20 ms normal, loss 5 % correlated 25 %, reorder 1 % gap 3, rate 2.5 Mbit/s',
  );
  expect(describeImpairment(impairment({ loss: { gemodel: { p: '1%' } } }))).toBe('loss by gemodel');
  const counters = { ...noCounters(), packets: 100, lost: 5 };
  expect(describeCounters([counters, counters])).toBe('200 packets, 10 lost');
});
