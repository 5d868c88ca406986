import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A lab in which nothing runs. */
export const NODES = 50;
export const LINKS = 100;

/** Its links: a ring, then chords; the same as in with_mininet.py. */
const endsOf = (link: number, nodes: number): [number, number] => {
  const from = link % nodes;
  const step = link < nodes ? 1 : 7;
  return [from, (from + step) % nodes];
};

/** Writes its topology; returns the path. */
export function writeIdleLab(folder: string, size = { nodes: NODES, links: LINKS }): string {
  const nodes = Array.from({ length: size.nodes }, (_, node) => `    n${node}:`);
  const used = new Map<number, number>();
  const port = (node: number) => {
    const next = (used.get(node) ?? 0) + 1;
    used.set(node, next);
    return `n${node}:eth${next}`;
  };
  const links = Array.from({ length: size.links }, (_, link) => {
    const [a, b] = endsOf(link, size.nodes);
    const [high, low] = [link >> 6, (link & 63) << 2];
    return `    - { endpoints: ["${port(a)}", "${port(b)}"], ipv4: [10.1.${high}.${low + 1}/30, 10.1.${high}.${low + 2}/30] }`;
  });
  const file = join(folder, 'idle.clab.yml');
  writeFileSync(
    file,
    `name: bench-idle
topology:
  kinds: { linux: { image: faildrill/host, network-mode: none } }
  defaults: { kind: linux }
  nodes:
${nodes.join('\n')}
  links:
${links.join('\n')}
`,
  );
  return file;
}
