import { resolve } from 'node:path';
import { type Document, readDocument } from '../document/document.js';
import { unknownName } from '../document/nearest.js';
import { InvalidInput, type Problem } from '../document/problem.js';
import { resolveLink } from './resolve-link.js';
import { resolveNode } from './resolve-node.js';
import { type RawTopology, topologySchema } from './schema.js';
import { endName, type Topology } from './topology.js';
import { substitute } from './variables.js';

/** Values for a topology file's `${VARIABLES}`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads a containerlab topology file.
 * @param file path of a `*.clab.yml`
 * @param variables values for `${NAME}` in it; the environment where not given
 * @throws InvalidInput with every problem found, by line and column
 */
export function loadTopology(file: string, variables: Variables = process.env): Topology {
  const document = readDocument(resolve(file), (text) => substitute(text, variables));
  const raw = document.check(topologySchema);
  const problems: Problem[] = [];
  const nodes = Object.keys(raw.topology.nodes).map((name) => resolveNode(document, raw, name, problems));
  const links = (raw.topology.links ?? []).map((_, index) => resolveLink(document, raw, index, problems));
  problems.push(...unknownReferences(document, raw), ...usedTwice(document, links));
  if (problems.length > 0) throw new InvalidInput(problems);
  return {
    name: raw.name,
    prefix: raw.prefix ?? 'clab',
    file: document.file,
    text: document.text,
    nodes: new Map(nodes.map((node) => [node.name, node])),
    links,
  };
}

function unknownReferences(document: Document, { topology }: RawTopology): Problem[] {
  const problems: Problem[] = [];
  const names = Object.keys(topology.nodes);
  for (const [name, node] of Object.entries(topology.nodes)) {
    if (node?.group && !topology.groups?.[node.group]) {
      const message = unknownName('group', node.group, Object.keys(topology.groups ?? {}));
      problems.push(document.problem(['topology', 'nodes', name, 'group'], message));
    }
    for (const [stage, definition] of Object.entries(node?.stages ?? {})) {
      definition?.['wait-for']?.forEach((wait, index) => {
        if (names.includes(wait.node)) return;
        const path = ['topology', 'nodes', name, 'stages', stage, 'wait-for', index, 'node'];
        problems.push(document.problem(path, unknownName('node', wait.node, names)));
      });
    }
  }
  return problems;
}

function usedTwice(document: Document, links: Topology['links']): Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  links.forEach((link, index) => {
    for (const end of link.ends.filter(({ interface: name }) => name !== '')) {
      const name = endName(end);
      if (seen.has(name)) {
        problems.push(
          document.problem(['topology', 'links', index], `${name} is already an end of another link`),
        );
      }
      seen.add(name);
    }
  });
  return problems;
}
