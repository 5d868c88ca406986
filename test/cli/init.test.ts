import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageFile } from '../../src/paths.js';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

test('a scenario for a lab that somebody has; it is valid', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'my lab #1'));
  writeFileSync(join(folder, 'my lab #1/pair.clab.yml'), PAIR);
  const { exitCode, stdout } = await faildrill(folder, 'init', 'my lab #1/pair.clab.yml');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('wrote first.drill.yml; next: faildrill validate first.drill.yml');
  expect(await faildrill(folder, 'validate', 'first.drill.yml')).toMatchObject({
    exitCode: 0,
    stdout: 'ok first.drill.yml: 4 steps, 2 targets, lab pair',
  });
});

test('of a shipped lab: its hosts, and a link that has a detour', async () => {
  const folder = temporaryFolder();
  const lab = packageFile('labs/dual-isp-wireguard/dual-isp-wireguard.clab.yml');
  expect((await faildrill(folder, 'init', lab, '--out', 'x.drill.yml')).exitCode).toBe(0);
  const text = readFileSync(join(folder, 'x.drill.yml'), 'utf8');
  expect(text).toContain('from: pc, to: server');
  expect(text).toContain('link: branch:eth1 <-> isp1:eth1\n');
  expect((await faildrill(folder, 'validate', 'x.drill.yml')).exitCode).toBe(0);
});

test('what is there is not overwritten', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'pair.clab.yml'), PAIR);
  writeFileSync(join(folder, 'first.drill.yml'), 'mine');
  const { exitCode, stderr } = await faildrill(folder, 'init', 'pair.clab.yml');
  expect(exitCode).toBe(4);
  expect(stderr).toBe('error first.drill.yml exists already\nhint  name another file with --out');
  expect(readFileSync(join(folder, 'first.drill.yml'), 'utf8')).toBe('mine');
});

test.each([
  ['no such topology', 'nowhere.clab.yml', 3, 'nowhere.clab.yml:1:1: there is no such file'],
  ['a folder', '.', 3, ':1:1: this is a folder; a file is expected'],
  ['a node alone', 'one.clab.yml', 3, 'one.clab.yml:1:1: a drill needs two nodes with links between them'],
])('%s: nothing is written', async (_, lab, code, message) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'one.clab.yml'), 'name: one\ntopology:\n  nodes: { a: }\n');
  const { exitCode, stderr } = await faildrill(folder, 'init', lab);
  expect(exitCode).toBe(code);
  expect(stderr).toContain(message);
  expect(() => readFileSync(join(folder, 'first.drill.yml'))).toThrow('ENOENT');
});

test('a place that cannot be written', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'pair.clab.yml'), PAIR);
  const { exitCode, stderr } = await faildrill(folder, 'init', 'pair.clab.yml', '--out', 'no/x.drill.yml');
  expect(exitCode).toBe(4);
  expect(stderr).toContain('error cannot write no/x.drill.yml (ENOENT)');
});
