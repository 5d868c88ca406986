import { expect, test } from 'vitest';
import { impairment } from '../../src/netem/impairment.js';
import { netemWords } from '../../src/netem/tc/words.js';

const IDLE = {
  limit: 'limit 10000',
  delay: 'delay 0us 0us 0%',
  loss: 'loss random 0% 0%',
  duplicate: 'duplicate 0% 0%',
  corrupt: 'corrupt 0% 0%',
  reorder: 'reorder 0% 0%',
  rate: 'rate 0bit 0 0 0',
  slot: 'slot 0us 0us',
};

test.each<[Parameters<typeof impairment>[0], Partial<typeof IDLE>]>([
  [{}, {}],
  [{ delay: '100ms' }, { delay: 'delay 100000us 0us 0%' }],
  [
    { delay: '20ms', jitter: '1.5ms', 'delay-correlation': '25%', distribution: 'normal', limit: 50 },
    { limit: 'limit 50', delay: 'delay 20000us 1500us 25% distribution normal' },
  ],
  [{ loss: { percent: '0.5%', correlation: '10%' } }, { loss: 'loss random 0.5% 10%' }],
  [{ loss: { gemodel: { p: '1%', r: '10%', '1-h': '80%' } } }, { loss: 'loss gemodel 1% 10% 80% 0%' }],
  [{ loss: { state: { p13: '2%', p31: '30%' } } }, { loss: 'loss state 2% 30% 0% 100% 0%' }],
  [
    { duplicate: '1%', corrupt: '0.1%' },
    { duplicate: 'duplicate 1% 0%', corrupt: 'corrupt 0.1% 0%' },
  ],
  [
    { delay: '10ms', reorder: '25%', gap: 5 },
    { delay: 'delay 10000us 0us 0%', reorder: 'reorder 25% 0% gap 5' },
  ],
  [
    { rate: '1mbit', 'packet-overhead': 10, 'cell-size': 48, 'cell-overhead': 5 },
    { rate: 'rate 1000000bit 10 48 5' },
  ],
  [{ slot: { min: '1ms', max: '2ms', packets: 8 } }, { slot: 'slot 1000us 2000us packets 8' }],
])('%j', (said, words) => {
  expect(netemWords(impairment(said)).join(' ')).toBe(Object.values({ ...IDLE, ...words }).join(' '));
});
