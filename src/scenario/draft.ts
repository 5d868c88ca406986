import { endName, type Topology, type TopologyLink } from '../topology/topology.js';

/** A first scenario for somebody's lab: its two most distant hosts, and a link between them that has a detour. */
export function draftScenario(topology: Topology, lab: string): string {
  const [from, to] = distantPair(topology);
  const path = shortestPath(topology, from, to);
  const spare = path.find((link) => shortestPath(topology, from, to, link).length > 0);
  const link = spare ?? path[path.length >> 1];
  const name = link ? endName(link.ends[0]) : `${from}:eth1`;
  const cut = link ? `${name} <-> ${endName(link.ends[1])}` : '';
  return `# A first drill for ${topology.name}. Check it with "faildrill validate", run it with "faildrill run".
# Editors that know JSON Schema complete it with what "faildrill schema" prints.
name: first-drill
title: A link of ${topology.name} is cut
objective: Traffic finds another way within a second.
lab: ${lab}

probes:
  app: { kind: udp, from: ${from}, to: ${to}, flows: 8, interval: 10ms, both-ways: true }

steady-state:
  - app loses nothing for 3s

steps:
  - inject: link-cut
    link: ${cut}${spare ? '' : `   # the only way from ${from} to ${to}: nothing can take over`}
    as: cut
  - wait: { for: recovery, within: 30s }
  - clear: cut
  - wait: { for: reversion, within: 60s }

targets:
  - recovery_time(app) < 1s       # your RTO
  - reversion_time(app) < 200ms
`;
}

const neighbours = ({ links }: Topology, node: string, without?: TopologyLink) =>
  links
    .filter((link) => link !== without)
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

/** The two nodes with one link that are farthest from each other; any two where there are none. */
function distantPair(topology: Topology): [string, string] {
  const names = [...topology.nodes.keys()];
  const leaves = names.filter((name) => neighbours(topology, name).length === 1);
  const candidates = leaves.length >= 2 ? leaves : names;
  const pairs = candidates.flatMap((a, index) =>
    candidates.slice(index + 1).map((b): [string, string] => [a, b]),
  );
  const length = ([a, b]: [string, string]) => shortestPath(topology, a, b).length;
  return pairs.sort((a, b) => length(b) - length(a))[0] ?? [names[0] ?? 'a', names[1] ?? 'b'];
}
