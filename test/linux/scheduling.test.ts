import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { urgently } from '../../src/linux/scheduling.js';

/** Scheduling policy of the calling thread, proc(5): 0 is the normal one, 1 is SCHED_FIFO. */
const policy = () =>
  Number(readFileSync('/proc/thread-self/stat', 'utf8').split(') ').at(-1)!.split(' ')[38]);

test('what is urgent is so as long as it runs, where that is permitted', () => {
  expect([0, 1]).toContain(urgently(policy));
  expect(policy()).toBe(0);
});

test('an error ends it too', () => {
  expect(() =>
    urgently(() => {
      throw new Error('refused');
    }),
  ).toThrow('refused');
  expect(policy()).toBe(0);
});
