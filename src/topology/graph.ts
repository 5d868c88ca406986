import type { Topology } from './topology.js';

/** A topology as a Mermaid flow chart, which many viewers of Markdown draw. */
export function toMermaid({ nodes, links }: Topology): string {
  const id = (node: string) => node.replace(/[^A-Za-z0-9_]/g, '_');
  const lines = [...nodes.keys()].map((name) => `  ${id(name)}["${name}"]`);
  for (const { ends } of links) {
    const [a, b] = ends;
    lines.push(`  ${id(a.node)} ---|"${a.interface} - ${b.interface}"| ${id(b.node)}`);
  }
  return `graph LR\n${lines.join('\n')}\n`;
}
