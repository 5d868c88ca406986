import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultContext } from '../faults/fault.js';
import type { Clock, Instant } from '../linux/clock.js';
import type { Lab } from '../runtime/runtime.js';
import type { Scenario } from '../scenario/schema.js';
import type { Observer } from './conditions.js';
import type { Recorder } from './recorder.js';
import type { UndoStack } from './undo.js';

/** How often a running drill looks at what it waits for, milliseconds. */
export const LOOK_MS = 50;

/** What the steps of a drill act on and look at. */
export interface Stage {
  lab: Lab;
  scenario: Scenario;
  clock: Clock;
  recorder: Recorder;
  observer: Observer;
  undo: UndoStack;
  wayOf: FaultContext['wayOf'];
  /** Whether there are people to ask. */
  asksPeople: boolean;
  /** Aborted, with the reason, when the drill has to end early. */
  signal: AbortSignal;
}

/** The same in a trial. */
export interface TrialStage extends Stage {
  /** Number in [0, 1) from the drill's seed. */
  random: () => number;
}

/** Waits; throws the reason where the drill has to end early. */
export async function pause(stage: Stage, nanoseconds: number): Promise<void> {
  const until = stage.clock.now() + nanoseconds;
  await lookUntil(stage, () => stage.clock.now() >= until, nanoseconds);
}

/**
 * Looks again and again until something is so.
 * @returns whether it came about in time
 * @throws the reason where the drill has to end early
 */
export async function lookUntil(stage: Stage, look: () => boolean, within: number): Promise<boolean> {
  const { clock, signal } = stage;
  const deadline: Instant = clock.now() + within;
  for (;;) {
    signal.throwIfAborted();
    if (look()) return true;
    const rest = (deadline - clock.now()) / 1e6;
    if (rest <= 0) return false;
    await sleep(Math.min(LOOK_MS, rest), undefined, { signal }).catch(() => {});
  }
}
