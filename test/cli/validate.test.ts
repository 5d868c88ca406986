import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { compiled, packageFile } from '../../src/paths.js';
import { PAIR, SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

const all = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

const changed = (text: string, from: string, to: string) => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

test('every scenario and topology that comes with it is valid', async () => {
  const scenarios = all(packageFile('scenarios')).filter((name) => name.endsWith('.drill.yml'));
  const topologies = all(packageFile('labs')).filter((name) => name.endsWith('.clab.yml'));
  const files = ['scenarios', ...topologies.map((name) => join('labs', name))];
  const { exitCode, stdout, stderr } = await faildrill(packageFile('.'), 'validate', ...files);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const named = stdout.split('\n').map((line) => /^ok (\S+): \d+ \w+, \d+ \w+/.exec(line)?.[1]);
  expect(named).toEqual([...scenarios.map((name) => join('scenarios', name)), ...files.slice(1)]);
});

test('a variable of the topology gets its value from --set, else from the environment, else its default', async () => {
  const folder = temporaryFolder();
  const topology = PAIR.replace('image: faildrill/host', `image: "faildrill/\${ROLE:=host}"`);
  const file = writeScenario(folder, SCENARIO, topology);
  const validate = (...argv: string[]) => faildrill(folder, 'validate', file, ...argv);
  expect((await validate()).exitCode).toBe(0);
  expect((await validate('--set', 'ROLE=gateway')).exitCode).toBe(0);
  expect((await validate()).stdout).not.toContain('takes containerlab');
  expect((await validate('--set', 'ROLE=butler')).stdout).toContain('; takes containerlab');
});

test('each file gets its answer; the exit code is that of the worst', async () => {
  const folder = temporaryFolder();
  const good = writeScenario(folder);
  writeFileSync(join(folder, 'bad.drill.yml'), changed(SCENARIO, 'from: a,', 'from: c,'));
  writeFileSync(join(folder, 'image.clab.yml'), changed(PAIR, 'faildrill/host', 'vendor/router'));
  const { exitCode, stdout, stderr } = await faildrill(folder, 'validate', '.', 'image.clab.yml');
  expect(exitCode).toBe(3);
  expect(stdout.split('\n')).toEqual([
    'ok pair-cut.drill.yml: 4 steps, 1 targets, lab pair',
    'ok image.clab.yml: 2 nodes, 2 links; takes containerlab',
  ]);
  expect(stderr).toBe(`error ${join(folder, 'bad.drill.yml')}:6:27: unknown node "c"; there are "a", "b"`);
  writeFileSync(join(folder, 'bare.clab.yml'), changed(PAIR, '{ image: faildrill/host }', '{}'));
  const bare = await faildrill(folder, 'validate', good, 'bare.clab.yml');
  expect(bare.exitCode).toBe(4);
  expect(bare.stderr).toContain(`error ${join(folder, 'bare.clab.yml')}: node "a" has no image`);
});

describe('run refuses a bad file with one message and leaves nothing', () => {
  const scenario = (from: string, to: string) => ({ scenario: changed(SCENARIO, from, to) });
  const topology = (from: string, to: string) => ({ topology: changed(PAIR, from, to) });

  test.each<[string, { scenario?: string; topology?: string }, number, string]>([
    ['no lab', scenario('pair.clab', 'pear.clab'), 3, 'pair-cut.drill.yml:3:6: there is no '],
    ['no YAML', { scenario: 'name: {' }, 3, 'pair-cut.drill.yml:1:8: not YAML'],
    ['no YAML as topology', { topology: 'name: "pair\n' }, 3, 'pair.clab.yml:2:1: not YAML'],
    [
      'a key twice in the topology',
      topology('name: pair', 'name: pair\nname: pear'),
      3,
      'pair.clab.yml:2:1: this key stands here a second time',
    ],
    [
      'an unknown link',
      scenario('b:eth1', 'c:eth1'),
      3,
      'pair-cut.drill.yml:9:11: unknown link "a:eth1 <-> c:eth1"; did you mean "a:eth1 <-> b:eth1"?',
    ],
    [
      'an interval without a unit',
      scenario('interval: 5ms', 'interval: 5'),
      3,
      'pair-cut.drill.yml:6:57: expected a duration with a unit, as 5ms, 2s or 1m',
    ],
    [
      'a target that cannot be resolved',
      scenario('< 1s', '< 9ms'),
      3,
      'pair-cut.drill.yml:16:5: the probe "app" sends every 5 ms and cannot resolve 9 ms',
    ],
  ])('%s', async (_, files, code, message) => {
    const folder = temporaryFolder();
    const file = writeScenario(folder, files.scenario, files.topology);
    const { exitCode, stdout, stderr } = await faildrill(folder, 'run', file);
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
    const [error, hint, ...more] = stderr.split('\n');
    expect(error).toContain(`error ${folder}/${message}`);
    expect(hint ?? 'hint').toMatch(/^hint/);
    expect(more).toEqual([]);
    expect(all(folder)).toEqual(['pair-cut.drill.yml', 'pair.clab.yml']);
  });

  test('a file that is not there, and a folder without scenarios', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'empty'));
    for (const [path, message] of [
      ['x.drill.yml', 'there is no such file'],
      ['empty', 'there is no scenario (*.drill.yml) in this folder'],
    ] as const) {
      const { exitCode, stderr } = await faildrill(folder, 'run', path);
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/^error \S+:1:1: /);
      expect(stderr).toContain(message);
    }
    expect(all(folder)).toEqual(['empty']);
  });

  test('a mistake in the last file: none of them is run', async () => {
    const folder = temporaryFolder();
    const good = writeScenario(folder);
    writeFileSync(join(folder, 'z.drill.yml'), changed(SCENARIO, 'hold:', 'hodl:'));
    const { exitCode, stderr } = await faildrill(folder, 'run', good, 'z.drill.yml');
    expect(exitCode).toBe(3);
    expect(stderr).toBe(`error ${folder}/z.drill.yml:12:5: unknown step "hodl"; did you mean "hold"?`);
    expect(all(folder)).toHaveLength(3);
  });
});

describe('what needs containers, where nobody can make any', () => {
  const vxlan =
    '{ type: vxlan, endpoint: { node: a, interface: eth2 }, remote: 10.0.0.1, vni: 1, udp-port: 1 }';

  test.each([
    [
      'an image',
      ['faildrill/host', 'ghcr.io/nokia/srlinux'],
      'node "a": the image ghcr.io/nokia/srlinux cannot be had without containers',
    ],
    [
      'a link',
      ['{ endpoints: [a:eth2, b:eth2] }', vxlan],
      'link a:eth2 <-> vxlan: type "vxlan" is not in the namespace runtime',
    ],
  ] as const)('%s: why they are needed, and what is missing', async (_, [from, to], why) => {
    const folder = temporaryFolder();
    const file = writeScenario(folder, SCENARIO, changed(PAIR, from, to));
    const run = (...argv: string[]) =>
      execa(process.execPath, [compiled('cli/main'), 'run', file, ...argv], {
        cwd: folder,
        reject: false,
        env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
      });
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(4);
    expect(stderr.split('\n')).toEqual([
      `note  on containerlab: ${folder}/pair.clab.yml: ${why}`,
      expect.stringContaining('deploying the lab'),
      'error Docker does not answer at unix:///nowhere/docker.sock: ENOENT',
      'hint  start the daemon, or name its socket: DOCKER_HOST=unix:///path/to/socket',
    ]);
    const asked = await run('--runtime', 'namespace');
    expect({ exitCode: asked.exitCode, stdout: asked.stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(asked.stderr.split('\n')[0]).toBe(`error ${folder}/pair.clab.yml: ${why}`);
  });
});
