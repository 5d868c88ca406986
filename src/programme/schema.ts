import * as z from 'zod';
import { parseTarget, type Target } from '../scenario/target.js';
import { identifier } from '../scenario/units.js';
import { isDay } from './calendar.js';

const day = z
  .string({ error: 'expected a day as 2026-11-22' })
  .refine(isDay, { error: 'expected a day of the calendar, as 2026-11-22' });

const quarter = z
  .string({ error: 'expected a quarter as 2026-Q4' })
  .regex(/^(19[789]\d|[2-9]\d{3})-Q[1-4]$/, 'expected a quarter as 2026-Q4');

const participant = identifier.meta({ description: 'one of the participants, by the short name' });

/** A limit on what every drill of a service measures; which probe stands for the service, the drill says. */
const serviceTarget = z
  .string()
  .transform((text, context): Target => {
    const target = parseTarget(text);
    const wrong =
      typeof target === 'string'
        ? target
        : target.subjects.length > 0 || target.event
          ? `leave the parentheses out: which probe stands for the service, each drill says`
          : undefined;
    if (wrong === undefined) return target as Target;
    context.issues.push({ code: 'custom', message: wrong, input: text });
    return z.NEVER;
  })
  .meta({ description: 'a limit as in a scenario, without the probe: "recovery_time max < 3s"' });

const service = z.strictObject({
  title: z.string().min(1).meta({ description: 'what users call it' }),
  owner: participant.optional(),
  targets: z.array(serviceTarget).min(1).meta({ description: 'what the service is allowed to suffer' }),
});

/** How often a drill is due. */
export const FREQUENCIES = ['weekly', 'monthly', 'quarterly', 'every-merge'] as const;

const drill = z.strictObject({
  scenario: z.string().min(1).meta({ description: 'scenario file (*.drill.yml), relative to this file' }),
  frequency: z.enum(FREQUENCIES).meta({
    description:
      'once in each week, month or quarter of the calendar (UTC), or whenever "programme run --merge" says that something was merged',
  }),
  owner: participant,
  participants: z.array(participant).default([]).meta({ description: 'who else takes part, as planned' }),
  services: z
    .record(z.string(), z.array(z.string()).min(1))
    .default({})
    .meta({ description: 'the services that it shows something of, each with the probes that stand for it' }),
});

/** A programme file. */
export const programmeSchema = z
  .strictObject({
    name: identifier.meta({ description: 'short name, used for folders and units' }),
    title: z.string().min(1).meta({ description: 'one line that says what is exercised' }),
    objective: z.string().min(1).meta({ description: 'what the exercises are to show' }),
    scope: z.string().min(1).meta({ description: 'what is exercised, and what is not' }),
    starts: day.meta({ description: 'first day on which drills are owed' }),
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day as "02:00"')
      .default('02:00')
      .meta({ description: 'time of day (UTC) that "programme schedule" uses' }),
    history: z
      .string()
      .min(1)
      .default('reports')
      .meta({ description: 'store of the drills, relative to this file' }),
    findings: z.string().min(1).default('findings.yml').meta({
      description: 'file with findings, actions and reviews, relative to this file; it need not be there',
    }),
    participants: z
      .record(
        identifier,
        z.strictObject({
          name: z.string().min(1),
          role: z.string().min(1).meta({ description: 'what the person is responsible for' }),
        }),
      )
      .meta({ description: 'people, each by a short name' }),
    services: z
      .record(identifier, service)
      .default({})
      .meta({ description: 'what users have of the network' }),
    drills: z.array(drill).min(1).meta({ description: 'scenarios, with who drills them and how often' }),
  })
  .meta({
    title: 'faildrill programme',
    description: 'Which failover drills are done how often, by whom, for what.',
  });

export type Programme = z.output<typeof programmeSchema>;
export type ProgrammeDrill = Programme['drills'][number];

const action = z.strictObject({
  what: z.string().min(1).meta({ description: 'what is to be done' }),
  owner: participant,
  due: day,
  done: day.optional().meta({ description: 'when it was done' }),
});

const finding = z.strictObject({
  id: z.string().min(1).meta({ description: 'by which people speak of it' }),
  title: z.string().min(1).meta({ description: 'what was found' }),
  found: day,
  drill: z.string().optional().meta({ description: 'name of the scenario that showed it' }),
  services: z.array(z.string()).default([]),
  actions: z.array(action).default([]),
  closed: day.optional().meta({ description: 'when nothing more was to be done' }),
});

const review = z.strictObject({
  on: day,
  of: quarter.meta({ description: 'the quarter that was reviewed' }),
  by: participant,
  participants: z
    .array(participant)
    .default([])
    .meta({ description: 'who took part in its drills, as it was' }),
  conclusion: z.string().min(1),
});

/** A file of findings, beside the programme. */
export const findingsSchema = z
  .strictObject({
    findings: z
      .array(finding)
      .default([])
      .meta({ description: 'what the drills showed that is not as it should be' }),
    reviews: z.array(review).default([]).meta({ description: 'what the management made of a quarter' }),
  })
  .meta({
    title: 'faildrill findings',
    description: 'What drills showed, what is done about it, and the reviews.',
  });

export type Findings = z.output<typeof findingsSchema>;
export type Finding = Findings['findings'][number];
export type Review = Findings['reviews'][number];
