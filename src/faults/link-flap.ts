import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Bracket } from '../linux/clock.js';
import { duration, linkReference, positiveDuration } from '../scenario/units.js';
import { type Effect, type FaultKind, linkOf, linkTaken } from './fault.js';
import { linkCut } from './link-cut.js';

const parameters = {
  link: linkReference,
  mode: z
    .enum(['carrier', 'silent'])
    .default('carrier')
    .meta({ description: 'what each cut is like, as of link-cut' }),
  down: positiveDuration.meta({ description: 'how long each cut lasts' }),
  up: positiveDuration.meta({ description: 'how long the link works between two cuts' }),
  count: z.int().min(1).max(1000).meta({ description: 'number of cuts' }),
  jitter: duration
    .prefault('0ms')
    .meta({ description: 'most that a time is longer or shorter than said, drawn from the seed' }),
};

/** A link goes down and comes up again several times. The step takes as long as all of that. */
export const linkFlap: FaultKind<typeof parameters> = {
  name: 'link-flap',
  description:
    'a link goes down and comes up again several times; the step lasts until the last time it is up',
  parameters,
  target: ({ link }) => link,
  takes: ({ link }, topology) => linkTaken(topology, link, true),
  prepare({ link, mode, down, up, count, jitter }, context) {
    linkOf(context, link);
    const cut = linkCut.prepare({ link, mode, from: undefined }, context);
    const { signal, random } = context;
    const wait = async (time: number) => {
      const milliseconds = Math.max(0, time + (2 * random() - 1) * jitter) / 1e6;
      await sleep(milliseconds, undefined, { signal }).catch(() => {});
      signal.throwIfAborted();
    };
    return {
      async inject(): Promise<Effect> {
        let first: Effect | undefined;
        let ended: Bracket | undefined;
        for (let time = 0; time < count; time++) {
          if (time > 0) await wait(up);
          const effect = await cut.inject();
          first ??= effect;
          await wait(down);
          ended = await cut.clear();
        }
        const { before, after } = ended!;
        return { ...first!, proof: `${count} cuts, each: ${first!.proof}`, ended: { before, after } };
      },
      clear: () => cut.clear(),
    };
  },
};
