import { expect, test } from 'vitest';
import { impairment } from '../../src/netem/impairment.js';
import { onTheWay, rampSchema, wrongRamp } from '../../src/netem/ramp.js';

test('an impairment comes about in equal steps', () => {
  const ramp = rampSchema.parse({ over: '10s', steps: 4, from: { delay: '20ms', rate: '10mbit' } });
  const end = impairment({ delay: '100ms', jitter: '8ms', loss: '4%', rate: '2mbit' });
  const steps = [0.25, 0.5, 0.75, 1].map((share) => onTheWay(ramp, end, share));
  expect(steps.map(({ delay }) => delay / 1e6)).toEqual([40, 60, 80, 100]);
  expect(steps.map(({ jitter }) => jitter / 1e6)).toEqual([2, 4, 6, 8]);
  expect(steps.map(({ loss }) => (loss as { percent: number }).percent)).toEqual([0.01, 0.02, 0.03, 0.04]);
  expect(steps.map(({ rate }) => rate! / 1e6)).toEqual([8, 6, 4, 2]);
});

test('what has no way in between is refused', () => {
  const ramp = rampSchema.parse({ over: '10s' });
  expect(wrongRamp(ramp, impairment({ loss: { gemodel: { p: '1%' } } }))).toMatch(/percentages/);
  expect(wrongRamp(ramp, impairment({ rate: '1mbit' }))).toMatch(/starts from/);
  expect(wrongRamp(ramp, impairment({ delay: '10ms', loss: '5%' }))).toBeUndefined();
});
