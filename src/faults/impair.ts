import { contradiction, impairmentShape } from '../netem/impairment.js';
import { matchSchema } from '../netem/match.js';
import { rampSchema, wrongRamp } from '../netem/ramp.js';
import { impairing } from './impairing.js';

/** A link's packets are delayed, lost, doubled, damaged or slowed down, in the words of tc-netem. */
export const impair = impairing({
  name: 'impair',
  description:
    'packets of a link are delayed, lost, doubled, damaged or slowed down, in the words of tc-netem',
  parameters: {
    match: matchSchema.optional().meta({
      description: 'only the packets that fit; the others pass untouched',
    }),
    ...impairmentShape,
    ramp: rampSchema
      .optional()
      .meta({ description: 'it comes about little by little; the step lasts as long' }),
  },
  impairments: (said) => [said],
  matches: ({ match }) => (match ? [match] : []),
  ramp: ({ ramp }) => ramp,
  check(said) {
    const wrong = said.ramp && wrongRamp(said.ramp, said);
    return wrong === undefined ? contradiction(said) : { key: 'ramp', message: wrong };
  },
});
