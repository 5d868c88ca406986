import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readUsage } from '../../src/linux/usage.js';
import { temporaryFolder } from '../fixtures/scenario.js';

test('counts the processor time and the memory of processes', () => {
  const before = readUsage('/proc');
  const kept = Buffer.alloc(64 * 2 ** 20, 1);
  const started = process.cpuUsage();
  while (process.cpuUsage(started).user < 300e3);
  const after = readUsage('/proc');
  expect(after.processor - before.processor).toBeGreaterThanOrEqual(250e6);
  expect(after.memory).toBeGreaterThan(kept.length);
});

test('counts what threads wait for a processor', async () => {
  const [, processor] = /^Cpus_allowed_list:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  // Only these two: another process that ended meanwhile would take with it what it has waited.
  const proc = temporaryFolder();
  const rivals = [1, 2].map(() =>
    execa('taskset', ['-c', processor!, 'sh', '-c', 'while :; do :; done'], { reject: false }),
  );
  try {
    for (const { pid } of rivals) symlinkSync(`/proc/${pid}`, join(proc, String(pid)));
    await expect.poll(() => readUsage(proc).waited, { timeout: 60_000 }).toBeGreaterThan(300e6);
  } finally {
    for (const rival of rivals) rival.kill('SIGKILL');
    await Promise.all(rivals);
  }
});

test('a /proc that is gone is an error', () => {
  expect(() => readUsage('/nowhere')).toThrow('ENOENT');
});
