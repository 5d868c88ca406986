import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { draftScenario } from '../../src/scenario/draft.js';
import { loadScenario } from '../../src/scenario/load.js';
import { loadTopology } from '../../src/topology/load.js';
import { temporaryFolder } from '../fixtures/scenario.js';

/** Drafts a scenario for nodes and links, and reads it back: what it probes and what it cuts. */
function draft(nodes: string, ...links: string[]): string[] {
  const folder = temporaryFolder();
  const file = join(folder, 'lab.clab.yml');
  const endpoints = links.map((link) => `{ endpoints: [${link}] }`);
  writeFileSync(file, `name: lab\ntopology:\n  nodes: { ${nodes} }\n  links: [${endpoints}]\n`);
  writeFileSync(join(folder, 'x.drill.yml'), draftScenario(loadTopology(file), 'lab.clab.yml'));
  const { probes, steps } = loadScenario(join(folder, 'x.drill.yml')).scenario;
  const [cut] = steps;
  return [probes.app!.from, probes.app!.to, 'inject' in cut! && 'link' in cut ? cut.link : ''];
}

describe('hosts and link', () => {
  test.each([
    ['a pair', 'a: , b: ', ['a:e1, b:e1'], ['a', 'b', 'a:e1 <-> b:e1']],
    [
      'the hosts at the ends, and a link with a detour',
      'h1: , r1: , r2: , r3: , h2: ',
      ['h1:e, r1:e0', 'r1:e1, r2:e1', 'r1:e2, r3:e2', 'r3:e3, r2:e3', 'r2:e0, h2:e'],
      ['h1', 'h2', 'r1:e1 <-> r2:e1'],
    ],
    ['a ring has no ends', 'a: , b: , c: ', ['a:r, b:l', 'b:r, c:l', 'c:r, a:l'], ['a', 'b', 'a:r <-> b:l']],
    [
      'a bridge is no host',
      'a: , b: , br: { kind: bridge }',
      ['a:e, br:p1', 'br:p2, b:e'],
      ['a', 'b', 'br:p2 <-> b:e'],
    ],
    [
      'nothing goes by way of the machine itself',
      'a: , b: , c: ',
      ['a:e, host:x', 'b:e, host:y', 'b:f, c:f'],
      ['b', 'c', 'b:f <-> c:f'],
    ],
    ['islands', 'a: , b: , c: , d: ', ['a:e, b:e', 'c:e, d:e'], ['a', 'b', 'a:e <-> b:e']],
    [
      'names that YAML takes for something else',
      '"1": , "no": ',
      ['"1:e", "no:e"'],
      ['1', 'no', '1:e <-> no:e'],
    ],
  ])('%s', (_, nodes, links, expected) => {
    expect(draft(nodes, ...links)).toEqual(expected);
  });
});

test.each([
  ['no nodes', '', []],
  ['one node', 'a: ', []],
  ['no links', 'a: , b: ', []],
  ['links to no other node', 'a: , br: { kind: bridge }', ['a:e, br:e', 'a:f, host:x']],
])('%s: refused', (_, nodes, links) => {
  expect(() => draft(nodes, ...links)).toThrow('a drill needs two nodes with links between them');
});
