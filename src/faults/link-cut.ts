import * as z from 'zod';
import type { LinkState } from '../runtime/runtime.js';
import { linkReference, nodeName } from '../scenario/units.js';
import { findLink } from '../topology/topology.js';
import {
  type Effect,
  type FaultContext,
  FaultFailed,
  type FaultKind,
  linkOf,
  linkTaken,
  wrongEnd,
} from './fault.js';

const parameters = {
  link: linkReference,
  mode: z.enum(['carrier', 'silent', 'one-way']).default('carrier').meta({
    description:
      'carrier: both ends lose their carrier; silent: packets vanish, the carrier stays; one-way: only those from one end vanish',
  }),
  from: nodeName.optional().meta({ description: 'for one-way: the node whose packets vanish' }),
};

/** A link stops carrying packets. */
export const linkCut: FaultKind<typeof parameters> = {
  name: 'link-cut',
  description: 'a link stops carrying packets, with or without loss of carrier, both ways or one',
  parameters,
  target: ({ link }) => link,
  isSilent: ({ mode }) => mode === 'silent',
  check({ link, mode, from }, topology) {
    const wrong = (message: string) => ({ key: 'from', message });
    if (mode !== 'one-way')
      return from === undefined ? undefined : wrong('"from" goes with mode one-way only');
    if (from !== undefined) return wrongEnd(topology, link, { from });
    const ends = findLink(topology.links, link)?.link.ends.map(({ node }) => node) ?? [];
    return wrong(`a one-way cut needs "from", the node whose packets vanish: ${ends.join(' or ')}`);
  },
  cuts: ({ link, mode }, { links }) => (mode === 'one-way' ? undefined : findLink(links, link)?.link.name),
  takes: ({ link, mode }, topology) => linkTaken(topology, link, mode !== 'one-way'),
  prepare({ link: name, mode, from }, context) {
    const { link } = linkOf(context, name);
    const direction = mode === 'one-way' && link.ends[1].node === from ? 'back' : 'forth';
    let intact: LinkState | undefined;
    return {
      async inject() {
        intact = await link.state();
        const bracket = await link.cut(context.id, mode, direction);
        const state = await settled(link.state.bind(link), (state) => isCut(state, mode, direction), context);
        if (!isCut(state, mode, direction)) throw new FaultFailed(`${name} was cut, but ${describe(state)}`);
        return { ...bracket, proof: describe(state) };
      },
      async clear(): Promise<Effect> {
        const bracket = await link.restore(context.id);
        const isBack = (state: LinkState) => !intact || describe(state) === describe(intact);
        const state = await settled(link.state.bind(link), isBack, context);
        if (!isBack(state)) throw new FaultFailed(`${name} was restored, but ${describe(state)}`);
        return { ...bracket, proof: describe(state) };
      },
    };
  },
};

function isCut(
  { carrier, forwards }: LinkState,
  mode: 'carrier' | 'silent' | 'one-way',
  direction: 'forth' | 'back',
) {
  if (mode === 'carrier') return !carrier[0] && !carrier[1];
  if (mode === 'silent') return !forwards[0] && !forwards[1];
  return !forwards[direction === 'forth' ? 0 : 1];
}

const describe = ({ carrier, forwards }: LinkState) =>
  `carrier ${carrier.map((up) => (up ? 'up' : 'down')).join('/')}, packets ${forwards
    .map((passes) => (passes ? 'pass' : 'vanish'))
    .join('/')}`;

/** How long the kernel may take to show a change that it has made, nanoseconds. */
const SETTLE = 1e9;

async function settled(
  look: () => Promise<LinkState>,
  isDone: (state: LinkState) => boolean,
  { clock }: FaultContext,
): Promise<LinkState> {
  const until = clock.now() + SETTLE;
  for (;;) {
    const state = await look();
    if (isDone(state) || clock.now() > until) return state;
  }
}
