import { describe, expect, test } from 'vitest';
import { packageFile } from '../../src/paths.js';
import { loadTopology } from '../../src/topology/load.js';
import { faildrill } from '../lab/drill.js';

const LAB = 'labs/dual-isp-wireguard/dual-isp-wireguard.clab.yml';
const lab = (...argv: string[]) => faildrill(packageFile('.'), 'lab', ...argv);

test('graph: every node and every link of a topology, without a lab', async () => {
  const { exitCode, stdout } = await lab('graph', LAB);
  expect(exitCode).toBe(0);
  const { nodes, links } = loadTopology(packageFile(LAB));
  const [head, ...lines] = stdout.split('\n');
  expect(head).toBe('graph LR');
  expect(lines.flatMap((line) => /^ {2}\w+\["(.*)"\]$/.exec(line)?.[1] ?? [])).toEqual([...nodes.keys()]);
  expect(lines.filter((line) => /^ {2}\w+ ---\|"\w+ - \w+"\| \w+$/.test(line))).toHaveLength(links.length);
});

describe('what is not there is said so', () => {
  const none = 'error no lab named "clitest-none" is up\nhint  see: faildrill lab list';
  test.each([
    ['graph', ['graph', 'nowhere.clab.yml'], 3, 'nowhere.clab.yml:1:1: there is no such file'],
    ['up', ['up', 'nowhere.clab.yml'], 3, 'nowhere.clab.yml:1:1: there is no such file'],
    ['down', ['down', 'clitest-none'], 4, none],
    ['exec', ['exec', 'clitest-none', 'a', 'true'], 4, none],
    ['shell', ['shell', 'clitest-none', 'a'], 4, none],
    ['logs', ['logs', 'clitest-none', 'a'], 4, none],
  ])('%s', async (_, argv, code, message) => {
    const { exitCode, stdout, stderr } = await lab(...argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
    expect(stderr).toContain(message);
  });
});
