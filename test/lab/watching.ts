import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Bracket, type Clock, FastClock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { watchSchema } from '../../src/watches/registry.js';
import type { Signal } from '../../src/watches/watch.js';
import { startWatches } from '../../src/watches/watcher.js';
import { sh } from './labs.js';

interface Setting {
  lab: Lab;
  clock: Clock;
}

/** Runs a command in a node, and brackets it. */
export async function act({ lab, clock }: Setting, node: string, line: string): Promise<Bracket> {
  const before = clock.now();
  await sh(lab, node, line);
  return { before, after: clock.now() };
}

/** One watch, on node a unless it says otherwise, and the signals that it gave so far. */
export async function watching({ lab, clock }: Setting, watch: Record<string, unknown>) {
  const parameters = watchSchema.parse({ node: 'a', ...watch });
  const signals: Signal[] = [];
  const armed = await startWatches({
    lab,
    clock,
    watches: { it: parameters },
    signal: (_, signal) => signals.push(signal),
    fail: (error) => {
      throw error;
    },
  });
  /** The next signal, or nothing where a busy machine has had its time as well (milliseconds). */
  const next = async (within = 15_000) => {
    const seen = signals.length;
    for (const end = Date.now() + within; signals.length === seen && Date.now() < end; ) await sleep(5);
    return signals[seen];
  };
  return { signals, next, [Symbol.asyncDispose]: () => armed[Symbol.asyncDispose]() };
}

/** A signal says that something happened at an instant that it may have happened at. */
export function expectAt(signal: Signal | undefined, { before, after }: Bracket): void {
  expect(signal).toBeDefined();
  expect(signal!.before).toBeLessThanOrEqual(after);
  expect(signal!.after).toBeGreaterThanOrEqual(before);
}

/** Instants on the drill clock of the lines of a log of FRR that match, from stamps such as 2026/11/21 20:51:18.311874. */
export async function frrInstants({ lab, clock }: Setting, node: string, match: RegExp): Promise<number[]> {
  const log = await sh(lab, node, 'cat /var/log/frr/frr.log');
  const fast = new FastClock(clock.anchor);
  return log
    .split('\n')
    .filter((line) => match.test(line))
    .map((line) => {
      const [, second = '', micro = ''] = /^(\S+ [\d:]+)\.(\d{6}) /.exec(line) ?? [];
      return fast.fromWall(Date.parse(second) / 1000, Number(micro) * 1000);
    });
}

/** A watch of events that a daemon tells is prompt. On a busy machine both wait for a processor, so the quickest counts; `bench accuracy` has the median. */
export function expectPrompt(signals: readonly Bracket[], instants: readonly number[]): void {
  expect(signals).toHaveLength(instants.length);
  expect(Math.min(...signals.map(({ after }, index) => Math.abs(after - instants[index]!)))).toBeLessThan(
    2e6,
  );
}
