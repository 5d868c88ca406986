import { contradiction, impairmentShape } from '../netem/impairment.js';
import { matchSchema } from '../netem/match.js';
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
  },
  impairments: (said) => [said],
  matches: ({ match }) => (match ? [match] : []),
  check: contradiction,
});
