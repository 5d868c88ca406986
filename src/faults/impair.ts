import { setTimeout as sleep } from 'node:timers/promises';
import type { Bracket } from '../linux/clock.js';
import { contradiction, impairmentShape } from '../netem/impairment.js';
import { matchSchema } from '../netem/match.js';
import type { Counters } from '../netem/stage.js';
import { describeCounters, describeImpairment } from '../netem/words.js';
import { linkReference, nodeName } from '../scenario/units.js';
import { findLink, type Topology } from '../topology/topology.js';
import { type FaultKind, type Way, wrongEnd } from './fault.js';

const parameters = {
  link: linkReference,
  from: nodeName.optional().meta({
    description: 'the node whose packets are impaired; without it those of both ends',
    reference: 'node',
  }),
  match: matchSchema.optional().meta({ description: 'only the packets that fit; the others pass untouched' }),
  ...impairmentShape,
};

/** How long an inject looks for a packet that its impairment met, milliseconds. */
const PROOF_MS = 200;

/** A link's packets are delayed, lost, doubled, damaged or slowed down, in the words of tc-netem. */
export const impair: FaultKind<typeof parameters> = {
  name: 'impair',
  description:
    'packets of a link are delayed, lost, doubled, damaged or slowed down, in the words of tc-netem',
  parameters,
  target: ({ link, from }) => (from === undefined ? link : `${link} from ${from}`),
  check(said, topology) {
    const { link, from } = said;
    return contradiction(said) ?? (from === undefined ? undefined : wrongEnd(topology, { link, from }));
  },
  impairs: waysOf,
  prepare(said, { id, lab, wayOf, signal }) {
    const attachments = waysOf(said, lab.topology).map(wayOf);
    const all = async (act: (attachment: (typeof attachments)[number]) => Promise<Bracket>) => {
      const brackets = await Promise.all(attachments.map(act));
      return {
        before: Math.min(...brackets.map(({ before }) => before)),
        after: Math.max(...brackets.map(({ after }) => after)),
      };
    };
    const counters = (): Promise<Counters[]> =>
      Promise.all(attachments.map((attachment) => attachment.counters(id)));
    return {
      async inject() {
        const bracket = await all((attachment) => attachment.set(id, said));
        const until = Date.now() + PROOF_MS;
        const isSeen = async () => (await counters()).every(({ packets }) => packets > 0);
        while (!(await isSeen()) && Date.now() < until && !signal.aborted) await sleep(5);
        return {
          ...bracket,
          proof: `${describeImpairment(said)}; so far ${describeCounters(await counters())}`,
        };
      },
      async clear() {
        const met = await counters();
        const bracket = await all((attachment) => attachment.clear(id));
        return { ...bracket, proof: `it met ${describeCounters(met)}` };
      },
    };
  },
};

/** The directions of its link that an impairment is of. */
function waysOf(
  { link: name, from, match }: { link: string; from?: string | undefined; match?: Way['match'] },
  { links }: Topology,
): Way[] {
  const found = findLink(links, name);
  if (!found) return [];
  const { name: link, ends } = found.link;
  const directions = (['forth', 'back'] as const).filter(
    (_, side) => from === undefined || ends[side]!.node === from,
  );
  return directions.map((direction) => ({ link, direction, match }));
}
