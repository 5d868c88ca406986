import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Two hosts and so many links; the first has addresses. */
const topologyOf = ({ links, lab }: { links: number; lab: string }) => `name: ${lab}
topology:
  kinds: { linux: { image: faildrill/host } }
  nodes: { a: , b: }
  links:
    - { endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }
${Array.from({ length: links - 1 }, (_, more) => `    - { endpoints: [a:eth${more + 2}, b:eth${more + 2}] }\n`).join('')}`;

/** Address of node b. */
export const ADDRESS_OF_B = '10.0.1.2';

/** Writes a scenario for two hosts and so many links; what is given follows its name and lab. */
export function writePairScenario(
  folder: string,
  name: string,
  rest: string,
  { links = 1, lab = 'bench-pair' } = {},
): string {
  writeFileSync(join(folder, 'pair.clab.yml'), topologyOf({ links, lab }));
  const file = join(folder, `${name}.drill.yml`);
  writeFileSync(file, `name: ${name}\ntitle: Benchmark\nlab: pair.clab.yml\n${rest}`);
  return file;
}

/** A busy probe, as the scenarios for real labs have it. */
export const PROBE = '{ kind: udp, from: a, to: b, flows: 16, interval: 5ms, both-ways: true }';
