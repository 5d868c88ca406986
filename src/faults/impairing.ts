import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import type { Impairment } from '../netem/impairment.js';
import type { Match } from '../netem/match.js';
import { onTheWay, type Ramp } from '../netem/ramp.js';
import type { Counters } from '../netem/stage.js';
import { describeCounters, describeImpairment } from '../netem/words.js';
import { linkReference, nodeName } from '../scenario/units.js';
import { findLink, type Topology } from '../topology/topology.js';
import { around, type FaultKind, linkTaken, untilMet, type Way, wrongEnd } from './fault.js';

/** What every fault that impairs a link takes. */
export const impaired = {
  link: linkReference,
  from: nodeName.optional().meta({
    description: 'the node whose packets are impaired; without it those of both ends',
    reference: 'node',
  }),
};

/** Whether no packet of a way arrives. */
const isDead = ({ impairment: { loss }, matches }: Way): boolean =>
  matches.length === 0 && loss !== undefined && 'percent' in loss && loss.percent === 1;

type Said<S extends z.ZodRawShape> = z.output<z.ZodObject<S & typeof impaired>>;

/**
 * Makes a kind of fault that impairs a link.
 * @param impairments what it does to the packets of one of the link's nodes, one thing after the other
 * @param matches which packets it does that to: those that fit one of these, or all
 * @param end another parameter that must be a node of the link
 * @param ramp how it comes about little by little, where it does: the step lasts as long
 * @param check what else is wrong with its parameters
 */
export function impairing<S extends z.ZodRawShape>(kind: {
  name: string;
  description: string;
  parameters: S;
  impairments: (said: Said<S>, sender: string) => readonly Impairment[];
  matches?: (said: Said<S>) => readonly Match[];
  end?: keyof S & string;
  ramp?: (said: Said<S>) => Ramp | undefined;
  check?: (said: Said<S>) => { key: string; message: string } | undefined;
}): FaultKind<S & typeof impaired> {
  const { name, description, impairments, matches = () => [], end } = kind;
  const { ramp: rampOf = () => undefined, check = () => undefined } = kind;
  const waysOf = (said: Said<S>, { links }: Topology): Way[] => {
    const { link: wanted, from } = said as z.output<z.ZodObject<typeof impaired>>;
    const found = findLink(links, wanted);
    if (!found) return [];
    const { name: link, ends } = found.link;
    return (['forth', 'back'] as const).flatMap((direction, side) => {
      const sender = ends[side]!.node;
      if (from !== undefined && sender !== from) return [];
      return impairments(said, sender).map((impairment) => ({
        link,
        direction,
        impairment,
        matches: matches(said),
      }));
    });
  };
  return {
    name,
    description,
    parameters: { ...impaired, ...kind.parameters },
    target(said) {
      const { link, from } = said as z.output<z.ZodObject<typeof impaired>>;
      return from === undefined ? link : `${link} from ${from}`;
    },
    check(said, topology) {
      const { link, from } = said as z.output<z.ZodObject<typeof impaired>>;
      const named = { from, ...(end && { [end]: (said as Record<string, string | undefined>)[end] }) };
      return check(said) ?? wrongEnd(topology, link, named);
    },
    takes(said, topology) {
      const ways = waysOf(said, topology);
      const { link } = said as z.output<z.ZodObject<typeof impaired>>;
      return linkTaken(topology, link, ways.length === 2 && ways.every(isDead));
    },
    impairs: waysOf,
    prepare(said, { id, lab, wayOf, signal }) {
      const wanted = waysOf(said, lab.topology);
      const ways = wanted.map(wayOf);
      const nameOf = (index: number) => `${id} ${index + 1}`;
      const ramp = rampOf(said);
      const words = [...new Set(wanted.map(({ impairment }) => describeImpairment(impairment)))].join('; ');
      const counters = (): Promise<Counters[]> =>
        Promise.all(ways.map((way, index) => way.counters(nameOf(index))));
      return {
        async inject() {
          const set = async (share: number) => {
            const set = ways.map((way, index) => {
              const { impairment } = wanted[index]!;
              return way.set(nameOf(index), ramp ? onTheWay(ramp, impairment, share) : impairment);
            });
            return around(await Promise.all(set));
          };
          const steps = ramp?.steps ?? 1;
          const bracket = await set(1 / steps);
          for (let step = 2; step <= steps; step++) {
            await sleep(ramp!.over / 1e6 / steps, undefined, { signal }).catch(() => {});
            signal.throwIfAborted();
            await set(step / steps);
          }
          await untilMet(async () => (await counters()).every(({ packets }) => packets > 0), signal);
          return {
            ...bracket,
            proof: `${words}; so far ${describeCounters(await counters())}`,
          };
        },
        async clear() {
          const met = await counters();
          const bracket = around(await Promise.all(ways.map((way, index) => way.clear(nameOf(index)))));
          return { ...bracket, proof: `it met ${describeCounters(met)}` };
        },
      };
    },
  };
}
