import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import { unknownName } from '../document/nearest.js';
import type { Bracket, Clock } from '../linux/clock.js';
import type { Attachment, Wish } from '../netem/engine.js';
import type { Direction, Lab, Link, Node, ProcessMatch } from '../runtime/runtime.js';
import type { Kind } from '../scenario/kinds.js';
import { findLink, type Topology } from '../topology/topology.js';

/** What a fault did to the lab: the bracket holds the instant at which it took effect. */
export interface Effect extends Bracket {
  /** What shows that it did. */
  proof: string;
  /** For a fault that ends by itself: the bracket of its last effect on the lab being undone. */
  ended?: Bracket;
}

/** A fault whose effect, or whose undoing, could not be shown. An error of the drill, never a result. */
export class FaultFailed extends Error {
  override readonly name = 'FaultFailed';
}

/** A fault that is ready to be injected. */
export interface Fault {
  /** Injects it, and proves it. */
  inject(): Promise<Effect>;
  /** Undoes it, and proves that. Can be called before, during and after `inject`, and twice. */
  clear(): Promise<Effect>;
}

/** Packets of one direction of a link that a fault impairs, and how. */
export interface Way extends Wish {
  /** Name of the link, as the topology has it. */
  link: string;
  direction: Direction;
}

/** What of a lab a fault takes away, so that something else has to stand in for it. */
export type Taken = { link: string } | { node: string } | { process: ProcessMatch; on: string };

/** What a fault takes away, and whether all of it: a link that carries less, or one way only, is not gone. */
export type Loss = Taken & { wholly: boolean };

/** What a fault acts on and with. */
export interface FaultContext {
  /** Name of the fault in the drill. */
  id: string;
  lab: Lab;
  clock: Clock;
  /** What impairs a way that the fault's kind said it would. */
  wayOf(way: Way): Attachment;
  /** Number in [0, 1) from the drill's seed. */
  random: () => number;
  /** Aborted when the drill ends early. */
  signal: AbortSignal;
}

/** A kind of fault. */
export interface FaultKind<S extends z.ZodRawShape = z.ZodRawShape> extends Kind {
  parameters: S;
  /** The node or link that it is done to, for people. */
  target(parameters: z.output<z.ZodObject<S>>): string;
  /** Node that it takes the power from: nothing that measures can be in it. */
  powersOff?(parameters: z.output<z.ZodObject<S>>): string;
  /** What is wrong with parameters that fit the schema: which key, and why. */
  check?(
    parameters: z.output<z.ZodObject<S>>,
    topology: Topology,
  ): { key: string; message: string } | undefined;
  /** Whether nothing but a timer can tell of it: the lines that it affects stay up. */
  isSilent?(parameters: z.output<z.ZodObject<S>>): boolean;
  /** The link that carries nothing any more, either way, while it lasts. */
  cuts?(parameters: z.output<z.ZodObject<S>>, topology: Topology): string | undefined;
  /** The part of the lab that is gone, or worse, while it lasts; nothing where that cannot be told from its parameters. */
  takes?(parameters: z.output<z.ZodObject<S>>, topology: Topology): Loss | undefined;
  /** The ways that it impairs: what it takes is attached when the lab is armed. */
  impairs?(parameters: z.output<z.ZodObject<S>>, topology: Topology): Way[];
  prepare(parameters: z.output<z.ZodObject<S>>, context: FaultContext): Fault;
}

/** What is wrong with the nodes that a fault names as ends of its link, by key; nothing where they are. */
export function wrongEnd(
  { links }: Topology,
  link: string,
  named: Record<string, string | undefined>,
): { key: string; message: string } | undefined {
  const ends = findLink(links, link)?.link.ends.map(({ node }) => node) ?? [];
  const wrong = Object.entries(named).find(([, node]) => node !== undefined && !ends.includes(node));
  return wrong && { key: wrong[0], message: unknownName('end of this link', wrong[1]!, ends) };
}

/** A link as something that a fault takes away, by the name that the topology has for it. */
export function linkTaken({ links }: Topology, link: string, wholly: boolean): Loss | undefined {
  const found = findLink(links, link)?.link.name;
  return found === undefined ? undefined : { link: found, wholly };
}

/** A node of the lab; scenarios were checked, so one that is missing is an error of ours. */
export function nodeOf({ lab }: FaultContext, name: string): Node {
  const node = lab.nodes.get(name);
  if (!node) throw new FaultFailed(`the lab has no node ${name}`);
  return node;
}

/** A link of the lab, either way round, and whether it was named the other way round. */
export function linkOf({ lab }: FaultContext, name: string): { link: Link; reversed: boolean } {
  const [a = '', b = ''] = name.split('<->').map((end) => end.trim());
  const straight = lab.links.get(`${a} <-> ${b}`);
  const link = straight ?? lab.links.get(`${b} <-> ${a}`);
  if (!link) throw new FaultFailed(`the lab has no link ${name}`);
  return { link, reversed: !straight };
}

/** The bracket round several. */
export const around = (brackets: readonly Bracket[]): Bracket => ({
  before: Math.min(...brackets.map(({ before }) => before)),
  after: Math.max(...brackets.map(({ after }) => after)),
});

/** How long an inject looks for packets that it met, milliseconds. */
const PROOF_MS = 200;

/** Waits for packets that a fault met, for its proof; there may be none for longer than it is worth to wait. */
export async function untilMet(isMet: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const until = Date.now() + PROOF_MS;
  while (!(await isMet()) && Date.now() < until && !signal.aborted) await sleep(5);
}
