import { confirmationOf } from '../analysis/drill-data.js';
import { sameSet } from '../analysis/path.js';
import { primaryPath, rateOf } from '../analysis/reversion.js';
import { type Effect, FaultFailed } from '../faults/fault.js';
import { faultKind, faultName } from '../faults/registry.js';
import type { Instant } from '../linux/clock.js';
import { pathProbe } from '../scenario/path-probe.js';
import type { Step } from '../scenario/schema.js';
import { formatDuration, formatRange } from '../scenario/units.js';
import { drawFaults } from './chaos.js';
import { lookUntil, pause, type Stage, type TrialStage } from './stage.js';
import type { ActiveFault } from './undo.js';

type StepOf<K extends string> = Extract<Step, { [P in K]: unknown }>;

/** A kind of step: how it reads, and what it does. */
interface StepKind<K extends string> {
  text(step: StepOf<K>): string;
  run(stage: TrialStage, step: StepOf<K>): Promise<void>;
}

const inject: StepKind<'inject'> = {
  text: (step) => `inject ${faultName(step)}: ${step.inject} on ${faultKind(step).target(step as never)}`,
  async run(stage, step) {
    const { lab, clock, undo, wayOf, random, signal, recorder } = stage;
    const kind = faultKind(step);
    const id = faultName(step);
    const fault = kind.prepare(step as never, { id, lab, clock, wayOf, random, signal });
    const active: ActiveFault = { id, kind: kind.name, target: kind.target(step as never), fault };
    undo.register(active);
    recorder.commit({ k: 'undo', t: clock.now(), fault: id, text: `clear ${kind.name} on ${active.target}` });
    const effect = await fault.inject();
    recordEffect(stage, active, 'inject', effect);
    if (effect.ended) recordEffect(stage, active, 'clear', { ...effect, ...effect.ended });
  },
};

const clear: StepKind<'clear'> = {
  text: (step) => `clear ${step.clear}`,
  async run(stage, { clear: id }) {
    const active = stage.undo.find(id);
    if (!active) throw new FaultFailed(`the fault "${id}" is not in effect`);
    const effect = await active.fault.clear();
    stage.undo.remove(id);
    // One that ended by itself was cleared then.
    const last = stage.recorder.data.trial?.faults.findLast(({ fault }) => fault === id);
    if (last?.action !== 'clear') recordEffect(stage, active, 'clear', effect);
  },
};

/** Writes down what a fault or its undoing did. */
export function recordEffect(
  { recorder }: Pick<Stage, 'recorder'>,
  active: ActiveFault,
  action: 'inject' | 'clear',
  effect: Effect,
) {
  const { id, kind, target } = active;
  const { before, after, proof } = effect;
  recorder.commit({ k: 'fault', fault: id, kind, target, action, before, after, proof });
}

/** The end of the last thing that was done to the lab in this trial. */
function lastEvent({ recorder, clock }: Stage, action?: 'clear'): Instant {
  const faults = recorder.data.trial?.faults ?? [];
  return faults.findLast((event) => action === undefined || event.action === action)?.after ?? clock.now();
}

function isRecovered({ observer, scenario }: Stage, probes: readonly string[], event: Instant): boolean {
  const validation = scenario['validation-time'];
  return probes.every(
    (probe) => observer.judgedUpTo - Math.max(event, observer.lastImpaired(probe)) >= validation,
  );
}

/** What a wait can be for, besides the signal of a watch. Nothing where it would be in vain. */
const waits: Record<string, (stage: Stage, of: string | undefined) => (() => boolean) | undefined> = {
  recovery(stage, of) {
    const event = lastEvent(stage);
    const probes = of === undefined ? stage.observer.packetProbes : [of];
    return () => isRecovered(stage, probes, event);
  },
  reversion(stage, of) {
    const { observer, scenario, recorder } = stage;
    const event = lastEvent(stage, 'clear');
    const probe = pathProbe(scenario, of)!;
    const { paths, trial, probes } = recorder.data;
    const primary = primaryPath(paths, trial!, rateOf(probes.get(probe)!));
    return () => sameSet(primary, observer.path(probe)) && isRecovered(stage, [probe], event);
  },
  notice(stage) {
    const event = lastEvent(stage);
    const { trial } = stage.recorder.data;
    return stage.asksPeople
      ? () => trial!.acts.some(({ act, after }) => act === 'notice' && after >= event)
      : undefined;
  },
};

const wait: StepKind<'wait'> = {
  text({ wait }) {
    if (typeof wait === 'number') return `wait ${formatDuration(wait)}`;
    return `wait for ${wait.for}${wait.of ? ` of ${wait.of}` : ''}, at most ${formatDuration(wait.within)}`;
  },
  async run(stage, { wait }) {
    if (typeof wait === 'number') {
      await pause(stage, wait);
      return;
    }
    const event = lastEvent(stage);
    const isMet = Object.hasOwn(waits, wait.for)
      ? waits[wait.for]!(stage, wait.of)
      : () => stage.observer.isActive(wait.for, event);
    const met = isMet !== undefined && (await lookUntil(stage, isMet, wait.within));
    stage.recorder.add({
      k: 'wait',
      t: stage.clock.now(),
      for: wait.for,
      ...(wait.of && { of: wait.of }),
      met,
      within: wait.within,
    });
  },
};

const hold: StepKind<'hold'> = {
  text: (step) => `hold for ${formatDuration(step.hold)}`,
  run: (stage, step) => pause(stage, step.hold),
};

const check: StepKind<'check'> = {
  text: (step) => `check ${step.check.map(({ text }) => text).join('; ')}`,
  async run({ observer, recorder, clock }, step) {
    for (const condition of step.check) {
      const met = observer.holding(condition).holds;
      recorder.add({ k: 'check', t: clock.now(), condition: condition.text, met });
    }
  },
};

const operator: StepKind<'operator'> = {
  text: ({ operator, who }) => `ask ${who ?? 'an operator'}: ${operator}`,
  async run(stage, { operator: text, as: name, who, expect, within, evidence }) {
    const { recorder, clock, asksPeople } = stage;
    const optional = { ...(who && { who }), ...(expect && { expect }), ...(evidence && { evidence }) };
    const skipped = asksPeople ? {} : { skipped: true as const };
    const t = clock.now();
    recorder.add({ k: 'instruction', t, name, text, within, ...optional, ...skipped });
    // It goes to the disk: who was asked what, and when, is evidence as well.
    recorder.flush();
    if (!asksPeople) return;
    const trial = recorder.data.trial!;
    const instruction = trial.instructions.at(-1)!;
    const isConfirmed = () => confirmationOf(trial, instruction) !== undefined;
    if (!(await lookUntil(stage, isConfirmed, within)))
      recorder.add({ k: 'unanswered', t: clock.now(), instruction: t });
  },
};

const parallel: StepKind<'parallel'> = {
  text: (step) => step.parallel.map((inner) => stepText(inner)).join(', and '),
  async run(stage, step) {
    // All of them come to an end before the first failure is told: none may go on behind it.
    const outcomes = await Promise.allSettled(step.parallel.map((inner) => runStep(stage, inner)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  },
};

const chaos: StepKind<'chaos'> = {
  text: ({ chaos: { count, faults, lasts, rest } }) =>
    `chaos: ${count} of ${faults.length} faults, each for ${formatRange(lasts)}, then ${formatRange(rest)} of rest`,
  async run(stage, step) {
    for (const { fault, lasts, rest } of drawFaults(step.chaos, stage.random)) {
      // Steps of their own: the recording has what was drawn, and what one fault does is not taken for what the next one does.
      const steps: Step[] = [fault, { hold: lasts }, { clear: faultName(fault) }, { hold: rest }];
      for (const step of steps) await takeStep(stage, step);
    }
  },
};

const kinds = { inject, clear, wait, hold, check, operator, parallel, chaos } as const;

function kindOf(step: Step): StepKind<string> {
  const key = Object.keys(kinds).find((key) => key in step) as keyof typeof kinds;
  return kinds[key] as unknown as StepKind<string>;
}

/** A step as a sentence. */
export const stepText = (step: Step): string => kindOf(step).text(step as never);

/** Runs a step and writes down that it begins; throws where it fails or the drill has to end early. */
export async function takeStep(stage: TrialStage, step: Step): Promise<void> {
  const { recorder, clock } = stage;
  recorder.add({ k: 'step', t: clock.now(), step: Object.keys(step)[0]!, text: stepText(step) });
  await runStep(stage, step);
}

const runStep = (stage: TrialStage, step: Step): Promise<void> => kindOf(step).run(stage, step as never);
