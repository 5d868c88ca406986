import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkTopology, runtimeFor } from '../../src/runtime/registry.js';
import { loadTopology } from '../../src/topology/load.js';

function topology(node: string, links = '') {
  const folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'x.clab.yml'),
    `name: x\ntopology:\n  nodes: { a: { ${node} } }\n  links: [${links}]\n`,
  );
  return loadTopology(join(folder, 'x.clab.yml'), {});
}

test.each([
  ['image: faildrill/host', '', 'namespace'],
  ['image: "ghcr.io/nokia/srlinux:24"', '', 'containerlab'],
  ['kind: nokia_srlinux, image: faildrill/host', '', 'containerlab'],
  ['image: faildrill/host, memory: 1Gb', '', 'containerlab'],
  [
    'image: faildrill/host',
    '{ type: macvlan, endpoint: { node: a, interface: e }, host-interface: up0 }',
    'containerlab',
  ],
  // Wrong on any runtime: the one that can say so says so.
  ['image: faildrill/host, sysctls: { vm.swappiness: 1 }', '', 'containerlab'],
])('a node with %s and links %s goes to its runtime', (node, links, name) => {
  expect(runtimeFor(topology(node, links)).name).toBe(name);
});

test('what is asked for is taken', () => {
  expect(runtimeFor(topology('image: faildrill/host'), 'containerlab').name).toBe('containerlab');
  expect(() => checkTopology(topology('image: "x:1"'), 'namespace')).toThrow(
    'cannot be had without containers',
  );
  expect(() => checkTopology(topology('image: "x:1"'))).not.toThrow();
});
