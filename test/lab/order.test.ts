import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../fixtures/scenario.js';
import { deploy, sh } from './labs.js';

const lab = (nodes: string) =>
  `name: order\ntopology:\n  defaults: { kind: linux, image: faildrill/host }\n  nodes:\n${nodes}`;
const waits = (node: string, stage: string, on = 'create') =>
  `{ stages: { ${on}: { wait-for: [{ node: ${node}, stage: ${stage} }] } } }`;

describe('a lab that would never be up is refused at once', () => {
  test.each([
    [
      'two nodes that wait for each other',
      `    a: ${waits('b', 'configure')}\n    b: ${waits('a', 'create')}\n`,
      'the lab would never be up: create of a, which waits for configure of b',
    ],
    [
      'a node that waits for itself',
      `    a: ${waits('a', 'configure')}\n`,
      'create of a, which waits for configure of a',
    ],
    [
      'an exit',
      `    a: ${waits('b', 'exit')}\n    b:\n`,
      'node "a": waiting for another node to exit is not',
    ],
    ['a container setting', '    a: { memory: 1Gb }\n', 'node "a": "memory" is not in the namespace runtime'],
  ])('%s', async (_, nodes, message) => {
    await expect(deploy({ folder: temporaryFolder(), topology: lab(nodes) })).rejects.toThrow(message);
  });
});

test("a command of the node's own runs instead of the image's", async () => {
  await using up = await deploy({
    folder: temporaryFolder(),
    topology: lab(
      '    a: { cmd: sleep 1234 }\n    b: { entrypoint: sleep, cmd: "4321", privileged: true }\n',
    ),
  });
  for (const [node, expected] of [
    ['a', 'sleep 1234'],
    ['b', 'sleep 4321'],
  ] as const) {
    const found = await up.nodes.get(node)!.processes({ name: 'sleep' });
    expect(found.map(({ commandLine }) => commandLine)).toEqual([expected]);
  }
});

test('a link to /var/run is one within the node', async () => {
  await using up = await deploy({ folder: temporaryFolder(), topology: lab('    a:\n') });
  await sh(up, 'a', 'sleep 99 & echo $! > /run/it.pid');
  const found = await up.nodes.get('a')!.processes({ pidfile: '/var/run/it.pid' });
  expect(found.map(({ commandLine }) => commandLine)).toEqual(['sleep 99']);
});
