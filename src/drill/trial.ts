import { disturbances } from '../analysis/validity.js';
import { FaultFailed } from '../faults/fault.js';
import type { Instant } from '../linux/clock.js';
import { drawsOf } from './chaos.js';
import { GRACE } from './conditions.js';
import { lookUntil, type Stage } from './stage.js';
import { recordEffect, takeStep } from './steps.js';

/** What came of a trial, as far as the running drill has to know. */
export type TrialOutcome = 'valid' | 'disturbed' | 'not steady' | 'not restored';

/** One pass through the steps on a steady lab. */
export async function runTrial(stage: Stage, trial: number, attempt: number): Promise<TrialOutcome> {
  const { scenario, recorder, clock, observer } = stage;
  recorder.add({ k: 'trial', t: clock.now(), trial, attempt });
  const isDisturbed = () => disturbances(recorder.data, recorder.data.trial!).length > 0;
  if (!(await becomeSteady(stage, 'before'))) return isDisturbed() ? 'disturbed' : 'not steady';
  const drawing = { ...stage, random: drawsOf({ seed: scenario.seed, trial }) };
  for (const step of scenario.steps) await takeStep(drawing, step);
  await clearAll(stage);
  const restored = await becomeSteady(stage, 'after');
  if (restored) await watchValidationTime(stage);
  // What was sent up to now must be seen to arrive or not.
  const end = clock.now();
  await lookUntil(stage, () => observer.judgedUpTo >= end, 4 * GRACE);
  recorder.add({ k: 'trial-end', t: clock.now(), until: end });
  if (isDisturbed()) return 'disturbed';
  return restored ? 'valid' : 'not restored';
}

/** The next trial, and the word that the lab was restored, need a lab that nothing is done to any more. */
async function clearAll(stage: Stage): Promise<void> {
  const { undo, recorder, clock } = stage;
  if (undo.active.length === 0) return;
  const names = undo.active.map(({ id }) => id).join(', ');
  recorder.add({ k: 'step', t: clock.now(), step: 'clear', text: `clear ${names}, as no step did` });
  const left = await undo.heal((active, effect) => recordEffect(stage, active, 'clear', effect));
  if (left.length > 0) throw new FaultFailed(`not undone: ${left.join('; ')}`);
}

/** A recovery counts only where it lasted; a steady state that asks for less must not leave it undecided. */
async function watchValidationTime(stage: Stage): Promise<void> {
  const { scenario, clock, observer } = stage;
  const validation = scenario['validation-time'];
  const hasLasted = (probe: string) => clock.now() - observer.lastImpaired(probe) > validation;
  await lookUntil(stage, () => observer.packetProbes.every(hasLasted), validation);
}

/**
 * How long all of a steady state must be so at once before the first fault, nanoseconds: a route that only stands in until the routing
 * protocol is there passes for it at an instant, and another failover would be measured.
 */
const SETTLED = 1e9;

async function becomeSteady(stage: Stage, when: 'before' | 'after'): Promise<boolean> {
  const { scenario, recorder, clock, observer } = stage;
  // What was so in the trial before, or before the last fault or clearing, proves nothing.
  const start = clock.now();
  const after = when === 'before' ? start : (recorder.data.trial?.faults.at(-1)?.after ?? start);
  const settled = when === 'before' ? SETTLED : 0;
  let holding = observer.steady(after);
  let from: Instant | undefined;
  const isSteady = () => {
    holding = observer.steady(after);
    from = holding.holds ? (from ?? clock.now()) : undefined;
    if (from !== undefined && clock.now() - from < settled)
      holding = { holds: false, why: 'it held, but not for a second' };
    return holding.holds;
  };
  await lookUntil(stage, isSteady, scenario['steady-within']);
  const t = clock.now();
  if (holding.holds) recorder.add({ k: 'steady', t, when, since: holding.since });
  else recorder.add({ k: 'steady', t, when, since: t, failed: holding.why });
  return holding.holds;
}
