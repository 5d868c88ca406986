import { stringify } from 'yaml';
import { InvalidInput } from '../document/problem.js';
import { endName, type Topology, type TopologyLink } from '../topology/topology.js';

/** What a drafted scenario breaks, and how it is called. */
export interface Draft {
  name: string;
  title: string;
  objective: string;
  /** What the file begins with, a comment a line. */
  opening: readonly string[];
  /** The `inject` step, a key a line, each as YAML; a comment may follow. */
  inject: readonly string[];
  /** The hosts that the traffic goes between. */
  ends: readonly [string, string];
  /** Values for the variables of the topology file. */
  variables?: Record<string, string>;
}

/**
 * A first scenario for somebody's lab: its two most distant hosts, and a link between them that has a detour.
 * @throws InvalidInput where no two nodes are connected
 */
export function draftScenario(topology: Topology, lab: string): string {
  const ends = distantPair(topology);
  const path = shortestPath(topology, ...ends);
  const link = path.find((link) => hasDetour(topology, ends, link)) ?? path[path.length >> 1]!;
  return writeDraft(lab, {
    name: 'first-drill',
    title: `A link of ${topology.name} is cut`,
    objective: 'Traffic finds another way within a second.',
    opening: [
      `A first drill for ${topology.name}. Check it with "faildrill validate", run it with "faildrill run".`,
      'Editors that know JSON Schema complete it with what "faildrill schema" prints.',
    ],
    inject: ['inject: link-cut', `link: ${linkWithHint(topology, ends, link)}`],
    ends,
  });
}

/** A drafted scenario as a file. @param lab the topology file, relative to it */
export function writeDraft(lab: string, draft: Draft): string {
  const { name, title, objective, opening, inject, ends, variables = {} } = draft;
  const [from, to] = ends;
  const given = Object.keys(variables).length > 0 ? `variables: ${JSON.stringify(variables)}\n` : '';
  return `${opening.map((line) => `# ${line}\n`).join('')}name: ${name}
title: ${yaml(title)}
objective: ${yaml(objective)}
lab: ${yaml(lab)}
${given}
probes:
  app: { kind: udp, from: ${inFlow(from)}, to: ${inFlow(to)}, flows: 8, interval: 10ms, both-ways: true }

steady-state:
  - app loses nothing for 3s

steps:
  - ${[...inject, 'as: fault'].join('\n    ')}
  - wait: { for: recovery, within: 30s }
  - clear: fault
  - wait: { for: reversion, within: 60s }

targets:
  - recovery_time(app) < 1s       # your RTO
  - reversion_time(app) < 200ms
`;
}

/** A link as a draft's fault names it, with a word where nothing can take over. */
export function linkWithHint(
  topology: Topology,
  ends: readonly [string, string],
  link: TopologyLink,
): string {
  const isOnlyWay = !hasDetour(topology, ends, link);
  const hint = isOnlyWay ? `   # the only way from ${ends[0]} to ${ends[1]}: nothing can take over` : '';
  return `${yaml(link.ends.map(endName).join(' <-> '))}${hint}`;
}

const hasDetour = (topology: Topology, [from, to]: readonly [string, string], link: TopologyLink) =>
  shortestPath(topology, from, to, link).length > 0;

/** A text as YAML, in quotes where it would be something else without. */
export const yaml = (text: string) => stringify(text, { lineWidth: 0 }).trimEnd();

/** The same between braces, where more needs quotes. */
const inFlow = (text: string) => (/[,{}[\]]/.test(text) ? JSON.stringify(text) : yaml(text));

/** The nodes that a node is linked to. Ends that are no nodes, as the machine itself, lead nowhere. */
const neighbours = ({ nodes, links }: Topology, node: string, without?: TopologyLink) =>
  links
    .filter((link) => link !== without && link.ends.every((end) => nodes.has(end.node)))
    .flatMap((link) => {
      const [a, b] = link.ends;
      if (a.node === node) return [{ node: b.node, link }];
      return b.node === node ? [{ node: a.node, link }] : [];
    });

/** Links of a shortest path between two nodes, none where there is no path. */
function shortestPath(topology: Topology, from: string, to: string, without?: TopologyLink): TopologyLink[] {
  const reached = new Map<string, TopologyLink[]>([[from, []]]);
  for (const [node, path] of reached) {
    if (node === to) return path;
    for (const { node: next, link } of neighbours(topology, node, without)) {
      if (!reached.has(next)) reached.set(next, [...path, link]);
    }
  }
  return [];
}

/**
 * The two hosts that are farthest from each other: of those with one link, where they are connected. Bridges are none.
 * @param without a node that is not to be one of them
 * @throws InvalidInput where no two nodes are connected
 */
export function distantPair(topology: Topology, without?: string): [string, string] {
  const hosts = [...topology.nodes.values()]
    .filter(({ kind, name }) => kind !== 'bridge' && name !== without)
    .map(({ name }) => name);
  const leaves = hosts.filter((name) => neighbours(topology, name).length === 1);
  const found = farthest(topology, leaves) ?? farthest(topology, hosts);
  if (found) return found;
  const message = 'a drill needs two nodes with links between them';
  throw new InvalidInput([{ file: topology.file, line: 1, column: 1, message }]);
}

function farthest(topology: Topology, nodes: readonly string[]): [string, string] | undefined {
  const pairs = nodes.flatMap((a, index) => nodes.slice(index + 1).map((b): [string, string] => [a, b]));
  return pairs
    .map((pair) => ({ pair, length: shortestPath(topology, ...pair).length }))
    .filter(({ length }) => length > 0)
    .sort((a, b) => b.length - a.length)[0]?.pair;
}
