import { stringify } from 'yaml';
import { InvalidInput } from '../document/problem.js';
import { endName, type Topology, type TopologyLink } from '../topology/topology.js';

/**
 * A first scenario for somebody's lab: its two most distant hosts, and a link between them that has a detour.
 * @throws InvalidInput where no two nodes are connected
 */
export function draftScenario(topology: Topology, lab: string): string {
  const [from, to] = distantPair(topology);
  const path = shortestPath(topology, from, to);
  const spare = path.find((link) => shortestPath(topology, from, to, link).length > 0);
  const link = (spare ?? path[path.length >> 1])!;
  const cut = link.ends.map(endName).join(' <-> ');
  return `# A first drill for ${topology.name}. Check it with "faildrill validate", run it with "faildrill run".
# Editors that know JSON Schema complete it with what "faildrill schema" prints.
name: first-drill
title: A link of ${topology.name} is cut
objective: Traffic finds another way within a second.
lab: ${yaml(lab)}

probes:
  app: { kind: udp, from: ${yaml(from)}, to: ${yaml(to)}, flows: 8, interval: 10ms, both-ways: true }

steady-state:
  - app loses nothing for 3s

steps:
  - inject: link-cut
    link: ${yaml(cut)}${spare ? '' : `   # the only way from ${from} to ${to}: nothing can take over`}
    as: cut
  - wait: { for: recovery, within: 30s }
  - clear: cut
  - wait: { for: reversion, within: 60s }

targets:
  - recovery_time(app) < 1s       # your RTO
  - reversion_time(app) < 200ms
`;
}

/** A text as YAML, in quotes where it would be something else without. */
const yaml = (text: string) => stringify(text, { lineWidth: 0 }).trimEnd();

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

/** The two hosts that are farthest from each other: of those with one link, where they are connected. Bridges are none. */
function distantPair(topology: Topology): [string, string] {
  const hosts = [...topology.nodes.values()].filter(({ kind }) => kind !== 'bridge').map(({ name }) => name);
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
