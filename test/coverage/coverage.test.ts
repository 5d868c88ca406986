import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageOf, type LabVariant } from '../../src/coverage/coverage.js';
import { missingScenarios } from '../../src/coverage/missing.js';
import type { DaemonOfNode } from '../../src/coverage/parts.js';
import { coverageFormats } from '../../src/report/coverage/registry.js';
import { loadScenario } from '../../src/scenario/load.js';
import { loadTopology } from '../../src/topology/load.js';
import { PAIR, SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';

const DAEMONS: DaemonOfNode[] = [
  { node: 'b', name: 'ospfd', isRestarted: true },
  { node: 'b', name: 'keepalived', isRestarted: false },
];

/** The pair of hosts with a third, whose power can be cut: the others measure. */
const TRIO = PAIR.replace('{ a: , b: }', '{ a: , b: , c: }').replace(
  '  links:',
  '  links:\n    - { endpoints: [b:eth3, c:eth1] }',
);

/** How a scenario with these steps drills the parts of its lab: state and by what, of those that it drills at all. */
function drilled(...steps: string[]): Record<string, string> {
  const text = SCENARIO.replace(
    /steps:\n[\s\S]*?targets:/,
    `steps:\n${steps.map((step) => `  - ${step}\n`).join('')}targets:`,
  );
  const scenario = loadScenario(writeScenario(temporaryFolder(), text, TRIO));
  const [lab] = coverageOf([variantOf(scenario)]);
  return Object.fromEntries(
    lab!.failures
      .filter(({ state }) => state !== 'never')
      .map(({ name, state, drillings }) => [name, `${state}: ${drillings.map(({ fault }) => fault)}`]),
  );
}

const variantOf = (scenario: ReturnType<typeof loadScenario>): LabVariant => ({
  topology: scenario.topology,
  daemons: DAEMONS,
  variables: scenario.scenario.variables,
  scenario,
});

const LINK = 'a:eth1 <-> b:eth1';
const OTHER = 'a:eth2 <-> b:eth2';

describe('what a fault takes away', () => {
  test.each([
    ['a cut', [`{ inject: link-cut, link: "${LINK}" }`], { [LINK]: 'drilled: link-cut' }],
    [
      'by the name that the lab has for the link',
      ['{ inject: link-cut, link: "b:eth1<->a:eth1" }'],
      { [LINK]: 'drilled: link-cut' },
    ],
    [
      'one way only',
      [`{ inject: link-cut, link: "${LINK}", mode: one-way, from: a }`],
      { [LINK]: 'in part: link-cut' },
    ],
    [
      'flapping',
      [`{ inject: link-flap, link: "${LINK}", down: 1s, up: 1s, count: 2 }`],
      { [LINK]: 'drilled: link-flap' },
    ],
    ['slower', [`{ inject: rate-limit, link: "${LINK}", rate: 1mbit }`], { [LINK]: 'in part: rate-limit' }],
    ['some loss', [`{ inject: impair, link: "${LINK}", loss: 99% }`], { [LINK]: 'in part: impair' }],
    ['all lost', [`{ inject: impair, link: "${LINK}", loss: 100% }`], { [LINK]: 'drilled: impair' }],
    [
      'all of one end lost',
      [`{ inject: impair, link: "${LINK}", from: a, loss: 100% }`],
      { [LINK]: 'in part: impair' },
    ],
    [
      'a service blocked',
      [`{ inject: block, link: "${LINK}", service: ospf }`],
      { [LINK]: 'in part: block' },
    ],
    [
      'a service rejected',
      [`{ inject: block, link: "${LINK}", service: ospf, action: reject }`],
      { [LINK]: 'in part: block' },
    ],
    ['power', ['{ inject: node-stop, node: c }'], { c: 'drilled: node-stop' }],
    ['a hang', ['{ inject: node-pause, node: b }'], { b: 'drilled: node-pause' }],
    [
      'a daemon killed',
      ['{ inject: process-kill, node: b, process: ospfd }'],
      { 'ospfd on b': 'drilled: process-kill' },
    ],
    [
      'by its PID file',
      ['{ inject: process-kill, node: b, process: { pidfile: /run/frr/ospfd.pid } }'],
      { 'ospfd on b': 'drilled: process-kill' },
    ],
    [
      'by its command line',
      ['{ inject: process-pause, node: b, process: { cmdline: "/usr/sbin/keepalived.*" } }'],
      { 'keepalived on b': 'drilled: process-pause' },
    ],
    [
      'another node of that name',
      ['{ inject: process-kill, node: a, process: ospfd }'],
      { 'ospfd on a': 'drilled: process-kill' },
    ],
    ['a signal that ends nothing', ['{ inject: process-kill, node: b, process: ospfd, signal: HUP }'], {}],
    ['a command', ['{ inject: exec, node: b, command: "true", undo: "true" }'], {}],
    [
      'two at once',
      [
        `parallel: [{ inject: link-cut, link: "${LINK}", as: x }, { inject: link-cut, link: "${OTHER}", as: y }]`,
      ],
      { [LINK]: 'with others: link-cut', [OTHER]: 'with others: link-cut' },
    ],
    [
      'a second one while the first is in effect',
      [`{ inject: link-cut, link: "${LINK}", as: x }`, `{ inject: link-cut, link: "${OTHER}", as: y }`],
      { [LINK]: 'drilled: link-cut', [OTHER]: 'with others: link-cut' },
    ],
    [
      'a second one after the first',
      [
        `{ inject: link-cut, link: "${LINK}", as: x }`,
        'clear: x',
        `{ inject: link-cut, link: "${OTHER}", as: y }`,
      ],
      { [LINK]: 'drilled: link-cut', [OTHER]: 'drilled: link-cut' },
    ],
    [
      'a command first, which may break anything',
      ['{ inject: exec, node: b, command: "true", undo: "true" }', '{ inject: node-stop, node: c }'],
      { c: 'with others: node-stop' },
    ],
  ])('%s', (_, steps, expected) => {
    expect(drilled(...steps)).toEqual(expected);
  });
});

test('variants of one topology file are one lab; what only one has is drilled with its variables', () => {
  const folder = temporaryFolder();
  const topology = PAIR.replace('nodes: { a: , b: }', `nodes: { a: , b: , "\${THIRD:=c}": }`);
  const base = loadScenario(writeScenario(folder, undefined, topology));
  writeFileSync(
    join(folder, 'other.drill.yml'),
    SCENARIO.replace('pair-cut', 'other').replace('lab:', 'variables: { THIRD: d }\nlab:'),
  );
  const other = loadScenario(join(folder, 'other.drill.yml'));
  const labs = coverageOf([variantOf(other), variantOf(base)]);
  expect(labs).toHaveLength(1);
  const nodes = labs[0]!.failures.filter(({ part }) => part.kind === 'node');
  expect(nodes.map(({ name, variables }) => [name, variables])).toEqual([
    ['a', {}],
    ['b', {}],
    ['c', {}],
    ['d', { THIRD: 'd' }],
  ]);
  expect(
    labs[0]!.failures.find(({ name }) => name === LINK)!.drillings.map(({ scenario }) => scenario),
  ).toEqual(['other', 'pair-cut']);
});

/** Labs of any shape: the names of up to seven nodes, some of them odd, and pairs of them. */
const labs = fc
  .uniqueArray(fc.constantFrom('a', 'b-1', 'no', '1', 'true', 'a.x', 'null', 'x_y'), {
    minLength: 2,
    maxLength: 7,
  })
  .chain((nodes) =>
    fc.record({
      nodes: fc.constant(nodes),
      pairs: fc.array(fc.tuple(fc.nat(nodes.length - 1), fc.nat(nodes.length - 1)), {
        minLength: 1,
        maxLength: 9,
      }),
    }),
  )
  .map(({ nodes, pairs }) => ({ nodes, pairs: pairs.filter(([a, b]) => a !== b) }))
  .filter(({ pairs }) => pairs.length > 0);

test('whatever is missing is made, is valid, and drills the failure that it was made for', () => {
  fc.assert(
    fc.property(labs, fc.integer(), ({ nodes, pairs }, salt) => {
      const folder = temporaryFolder();
      mkdirSync(folder, { recursive: true });
      const file = join(folder, `lab.clab.yml`);
      const names = nodes.map((name) => `${JSON.stringify(name)}: `);
      const links = pairs.map(
        ([a, b], index) =>
          `{ endpoints: [${JSON.stringify(`${nodes[a]}:e${index}`)}, ${JSON.stringify(`${nodes[b]}:f${index}`)}] }`,
      );
      writeFileSync(file, `name: lab\ntopology:\n  nodes: { ${names} }\n  links: [${links}]\n`);
      const daemons = nodes.map((node, index) => ({
        node,
        name: 'ospfd',
        isRestarted: ((salt >> index) & 1) === 1,
      }));
      const variant = { topology: loadTopology(file), daemons, variables: {} };
      const [lab] = coverageOf([variant]);
      expect(lab!.failures).toHaveLength(pairs.length + 2 * nodes.length);
      for (const { name, text } of missingScenarios(lab!, ['lab-ospfd-on-a']))
        writeFileSync(join(folder, `${name}.drill.yml`), text('lab.clab.yml'));
      const made = readdirSync(folder).filter((name) => name.endsWith('.drill.yml'));
      expect(made).toHaveLength(lab!.failures.length);
      expect(made).not.toContain('lab-ospfd-on-a.drill.yml');
      const scenarios = made.map((name) => loadScenario(join(folder, name)));
      const [again] = coverageOf(scenarios.map((scenario) => ({ ...variant, scenario })));
      expect(again!.failures.filter(({ state }) => state !== 'drilled')).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('names can do nothing to a terminal, a table or JSON', () => {
  const scenario = loadScenario(writeScenario(temporaryFolder()));
  const name = 'x|<b>`*\u001b[31m\u202e"\n,ü';
  const variant = { ...variantOf(scenario), daemons: [{ node: 'b', name, isRestarted: false }] };
  const coverage = coverageOf([variant]);
  expect(coverageFormats.terminal(coverage)).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  const rows = coverageFormats
    .markdown(coverage)
    .split('\n')
    .filter((line) => line.startsWith('| '));
  expect(rows.find((line) => line.includes('on b'))).toContain('x\\|\\<b\\>\\`\\*');
  for (const line of rows) expect(line.replaceAll('\\|', '').match(/\|/g)).toHaveLength(5);
  const { labs } = JSON.parse(coverageFormats.json(coverage)) as { labs: { failures: { name: string }[] }[] };
  expect(labs[0]!.failures.map((failure) => failure.name)).toContain(`${name} on b`);
});
