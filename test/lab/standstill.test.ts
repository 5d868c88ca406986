import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import { ownProcessors } from '../../src/linux/scheduling.js';
import { startStandstillTap } from '../../src/taps/standstill.js';

const clock = new Clock();

test('a processor that something holds for 100 ms is seen to stand still, and only then', async () => {
  const processor = ownProcessors()[0]!;
  const seen: { processor: number; from: number; to: number }[] = [];
  const tap = await startStandstillTap({
    anchor: clock.anchor,
    observe: ({ processor, periods }) => {
      for (const [from, to] of periods) seen.push({ processor, from, to });
    },
    fail: (error) => {
      throw error;
    },
  });
  await sleep(300);
  const before = clock.now();
  // Above the instruments' own priority; ended from outside, since nothing of its own would run.
  const busy = `timeout 0.1 chrt -f 60 taskset -c ${processor} sh -c 'while :; do :; done'`;
  await execa('sh', ['-c', busy], { reject: false });
  const after = clock.now();
  await sleep(300);
  await tap[Symbol.asyncDispose]();
  const longest = Math.max(
    0,
    ...seen
      .filter((period) => period.processor === processor && period.from < after && period.to > before)
      .map(({ from, to }) => to - from),
  );
  expect(longest).toBeGreaterThan(80e6);
  expect(longest).toBeLessThan(after - before);
  for (const { from, to } of seen) expect(to - from).toBeGreaterThan(2e6);
});
