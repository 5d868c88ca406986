import { expect, test } from 'vitest';
import { readUsage } from '../../src/linux/usage.js';

test('counts the processor time and the memory of processes', () => {
  const before = readUsage('/proc');
  const kept = Buffer.alloc(64 * 2 ** 20, 1);
  const started = process.cpuUsage();
  while (process.cpuUsage(started).user < 300e3);
  const after = readUsage('/proc');
  expect(after.processor - before.processor).toBeGreaterThanOrEqual(250e6);
  expect(after.memory).toBeGreaterThan(kept.length);
});

test('a /proc that is gone is an error', () => {
  expect(() => readUsage('/nowhere')).toThrow('ENOENT');
});
