import * as z from 'zod';
import { injectSchema } from '../faults/registry.js';
import { percentage } from '../netem/units.js';
import { probeSchema } from '../probes/registry.js';
import { watchSchema } from '../watches/registry.js';
import { type Condition, parseCondition } from './condition.js';
import { type Implication, parseImplication } from './implication.js';
import { keyedUnion } from './keyed.js';
import { parseTarget, type Target } from './target.js';
import { duration, durationRange, identifier, positiveDuration } from './units.js';

/** Text that a small grammar reads. */
const written = <T extends { text: string }>(read: (text: string) => T | string, description: string) =>
  z
    .string()
    .transform((text, context): T => {
      const result = read(text);
      if (typeof result !== 'string') return result;
      context.issues.push({ code: 'custom', message: result, input: text });
      return z.NEVER;
    })
    .meta({ description });

const condition: z.ZodType<Condition> = written(
  parseCondition,
  'what must hold: "app loses nothing for 5s", "app travels over isp1", "login is connected", "alarm is active"',
);
const target: z.ZodType<Target> = written(
  parseTarget,
  'a limit on a measured quantity: "recovery_time(app) p95 < 3s"',
);

const implication: z.ZodType<Implication> = written(
  parseImplication,
  'what a quantity must come to if the timer is what it is said to be: "detection_time(reroute) 200ms to 300ms", "recovery_time(app) at least 2s"',
);

const timer = z
  .strictObject({
    timer: z.string().min(1).meta({ description: 'what it is, as "BFD on both tunnels"' }),
    value: z.string().min(1).meta({ description: 'how it is set, as "100 ms x 3"' }),
    where: z.string().min(1).optional().meta({ description: 'file that sets it' }),
    implies: z.array(implication).min(1),
  })
  .meta({ description: 'a timer of the lab' });
/** What a step can wait for, besides the signal of a watch. */
export const WAITS = ['recovery', 'reversion', 'notice'] as const;

const waitFor = z.strictObject({
  for: z.union([z.enum(WAITS), identifier]).meta({
    description:
      'recovery (every flow unimpaired for the validation time), reversion (traffic on the primary path again), notice (an operator says that something is wrong), or the name of a watch',
  }),
  of: identifier.optional().meta({ description: 'probe to look at; else every probe that counts packets' }),
  within: positiveDuration.meta({
    description: 'how long to wait; the trial goes on when it is over, and the targets judge',
  }),
});

const clearSchema = z
  .strictObject({ clear: identifier.meta({ description: 'name of the fault to undo' }) })
  .meta({ description: 'undoes a fault' });
const operatorSchema = z
  .strictObject({
    operator: z.string().min(1).meta({ description: 'the instruction, in a sentence' }),
    as: identifier.meta({ description: 'its name, for targets' }),
    who: z.string().min(1).optional().meta({ description: 'role or person that is to do it' }),
    expect: positiveDuration
      .optional()
      .meta({ description: 'planned time; an answer after it is marked as late, and nothing else' }),
    within: positiveDuration.prefault('30m').meta({
      description:
        'how long to wait for the answer; the trial goes on when it is over, and the targets judge',
    }),
    evidence: z.string().min(1).optional().meta({ description: 'what is to be attached, in words' }),
  })
  .meta({ description: 'asks a person to do something, and times the answer' });
const acting = { inject: injectSchema, clear: clearSchema };

const chaos = z.strictObject({
  faults: z.array(injectSchema).min(2).meta({
    description: 'faults to draw from, each as likely as the others; write `inject: ...` as of a step',
  }),
  count: z.int().min(1).max(1000).meta({ description: 'how many are drawn, one after the other' }),
  lasts: durationRange.meta({
    description: 'how long a fault lasts before it is cleared, drawn for each: "1s to 4s"',
  }),
  rest: durationRange.meta({
    description: 'how long nothing is done after that, drawn for each: "3s to 6s"',
  }),
});
export type Chaos = z.output<typeof chaos>;

/** A step of a trial. */
export const stepSchema = keyedUnion('step', {
  ...acting,
  wait: z
    .strictObject({ wait: z.union([positiveDuration, waitFor]) })
    .meta({ description: 'waits for something, or for a time' }),
  hold: z.strictObject({ hold: duration }).meta({ description: 'lets the drill stay as it is for a time' }),
  check: z
    .strictObject({ check: z.array(condition).min(1) })
    .meta({ description: 'conditions that must hold at this moment' }),
  operator: operatorSchema,
  parallel: z
    .strictObject({ parallel: z.array(keyedUnion('step', acting)).min(2) })
    .meta({ description: 'injects or clears several faults at once' }),
  chaos: z.strictObject({ chaos }).meta({
    description: 'injects and clears faults that are drawn from the seed, at times that are drawn as well',
  }),
});
export type Step = z.output<typeof stepSchema>;

const untilDecided = z
  .strictObject({
    most: z
      .int()
      .min(1)
      .max(1000)
      .default(100)
      .meta({ description: 'number of trials at which it ends undecided' }),
    share: percentage
      .refine((share) => share >= 0.5 && share < 1, { error: 'expected a share from 50% to below 100%' })
      .prefault('90%')
      .meta({
        description: 'share of all trials that has to be shown of a target that every trial must meet',
      }),
  })
  .meta({
    description:
      'goes on after `trials` until every target is decided with 95 % confidence, or one is missed; {} for the defaults',
  });

/** How a drill goes on until it is decided, where nothing else is said. */
export const UNTIL_DECIDED = untilDecided.parse({});

/** A scenario file. */
export const scenarioSchema = z
  .strictObject({
    name: identifier.meta({ description: 'short name, used for folders and history' }),
    title: z.string().min(1).meta({ description: 'one line that says what happens' }),
    objective: z.string().optional().meta({ description: 'what the drill is to show' }),
    lab: z
      .string()
      .min(1)
      .meta({ description: 'containerlab topology file, or a folder that holds one, relative to this file' }),
    variables: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
      .default({})
      .meta({ description: 'values for the variables of the topology file' }),
    runtime: z.enum(['namespace', 'containerlab']).optional().meta({
      description:
        'what brings the lab up; without it namespace, or containerlab where the topology needs containers',
    }),
    tags: z
      .array(z.string())
      .default([])
      .meta({ description: 'words to choose scenarios by: `run --tag`, `history --tag`' }),
    trials: z.int().min(1).max(1000).default(1).meta({ description: 'number of passes through the steps' }),
    'until-decided': untilDecided.optional(),
    seed: z.int().min(0).default(1).meta({ description: 'for all that is drawn at random' }),
    probes: z.record(identifier, probeSchema).meta({ description: 'traffic that measures the services' }),
    watches: z
      .record(identifier, watchSchema)
      .default({})
      .meta({ description: 'sources of signals from the system under test' }),
    'steady-state': z.array(condition).default([]).meta({
      description:
        'must hold before the first fault and again at the end; without any, every probe that counts packets must lose nothing for 2s',
    }),
    'steady-within': positiveDuration
      .prefault('60s')
      .meta({ description: 'how long the steady state may take to come about' }),
    'validation-time': positiveDuration.prefault('5s').meta({
      description:
        'how long flows must stay unimpaired to count as recovered (RFC 6413: sustained convergence validation time)',
    }),
    'forwarding-delay-threshold': positiveDuration
      .prefault('2s')
      .meta({ description: 'a packet later than this counts as lost (RFC 6412)' }),
    'invalid-trials': z
      .int()
      .min(0)
      .max(100)
      .default(2)
      .meta({ description: 'how many trials may be repeated because the instruments were disturbed' }),
    steps: z.array(stepSchema).min(1).meta({ description: 'what happens in each trial, in order' }),
    targets: z.array(target).min(1).meta({ description: 'limits that make the drill pass or fail' }),
    timers: z.array(timer).default([]).meta({
      description:
        'timers of the lab, and what follows from them; the report shows that beside what was measured. They judge nothing',
    }),
    'abort-if': z
      .array(condition)
      .default([])
      .meta({ description: 'ends the drill early and heals, when one of them holds' }),
  })
  .meta({
    title: 'faildrill scenario',
    description: 'A failover drill: lab, probes, watches, steps, targets.',
  });

/** A scenario as read: durations in nanoseconds, targets and conditions parsed. */
export type Scenario = z.output<typeof scenarioSchema>;

export type { Condition } from './condition.js';
export type { Target } from './target.js';

/** The acting steps of a scenario in order, those side by side one after the other, of a chaos those that may be drawn. */
export const actingSteps = (
  steps: readonly Step[],
): Extract<Step, { inject: unknown } | { clear: unknown }>[] =>
  steps.flatMap((step) => {
    if ('parallel' in step) return step.parallel;
    if ('chaos' in step) return step.chaos.faults;
    return 'inject' in step || 'clear' in step ? [step] : [];
  });
