import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageFile } from '../../src/paths.js';
import { PAIR, SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

/** What a lab's files say, beside the bare topology: a gateway with daemons. */
function withDaemons(): string {
  const folder = temporaryFolder();
  const binds = '[frr:/etc/frr:ro, keepalived.conf:/etc/keepalived/keepalived.conf:ro]';
  writeScenario(folder, SCENARIO, PAIR.replace('b: }', `b: { image: faildrill/gateway, binds: ${binds} } }`));
  mkdirSync(join(folder, 'frr'));
  writeFileSync(
    join(folder, 'frr/daemons'),
    'ospfd=yes\nbgpd=no\n# ripd=yes\nbfdd="yes"\nvtysh_enable=yes\nisisd=0\n',
  );
  writeFileSync(join(folder, 'keepalived.conf'), '');
  return folder;
}

const coverage = (folder: string, ...argv: string[]) => faildrill(folder, 'coverage', ...argv);

test('links, nodes, and the daemons that the node’s own files start', async () => {
  const { exitCode, stdout, stderr } = await coverage(withDaemons(), 'pair-cut.drill.yml');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'pair: 1 of 9 single failures are drilled by themselves',
    'Links 1 of 2',
    '  ✓ a:eth1 <-> b:eth1  pair-cut',
    '  ✗ a:eth2 <-> b:eth2  never',
    'Nodes 0 of 2',
    '  ✗ a                  never',
    '  ✗ b                  never',
    'Daemons 0 of 5',
    '  ✗ zebra on b         never',
    '  ✗ ospfd on b         never',
    '  ✗ staticd on b       never',
    '  ✗ bfdd on b          never',
    '  ✗ keepalived on b    never',
  ]);
});

test('a lab by its topology file alone: nothing is drilled', async () => {
  const { exitCode, stdout } = await coverage(withDaemons(), 'pair.clab.yml', '--format', 'json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, labs: [{ lab: 'pair', drilled: 0, of: 9 }] });
});

test('what is missing is made, and then nothing is missing', async () => {
  const folder = withDaemons();
  const { exitCode, stderr } = await coverage(folder, '.', '--generate', 'more');
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: 'wrote 8 scenarios to more; next: faildrill validate more',
  });
  expect(readdirSync(join(folder, 'more'))).toHaveLength(8);
  const text = (name: string) => readFileSync(join(folder, `more/pair-${name}.drill.yml`), 'utf8');
  expect(text('ospfd-on-b')).toContain('inject: process-kill');
  expect(text('keepalived-on-b')).toContain('inject: process-pause');
  expect((await faildrill(folder, 'validate', 'more')).exitCode).toBe(0);
  expect((await coverage(folder, '.', '--at-least', '100%')).exitCode).toBe(0);
  const again = await coverage(folder, '.', '--generate', 'more');
  expect(again).toMatchObject({ exitCode: 0, stderr: 'wrote 0 scenarios to more' });
});

test('a file that is there is not overwritten, and then none is written', async () => {
  const folder = withDaemons();
  mkdirSync(join(folder, 'more'));
  writeFileSync(join(folder, 'more/pair-b.drill.yml'), 'mine');
  const { exitCode, stderr } = await coverage(folder, 'pair-cut.drill.yml', '--generate', 'more');
  expect({ exitCode, stderr: stderr.split('\n')[0] }).toEqual({
    exitCode: 4,
    stderr: 'error more/pair-b.drill.yml exists already',
  });
  expect(readdirSync(join(folder, 'more'))).toEqual(['pair-b.drill.yml']);
});

describe('exit codes', () => {
  test.each([
    [['pair-cut.drill.yml', '--at-least', '11%'], 0, ''],
    [['pair-cut.drill.yml', '--at-least', '12%'], 1, ''],
    [['nowhere.drill.yml'], 3, 'nowhere.drill.yml:1:1: there is no such file'],
    [['pair-cut.drill.yml', '--at-least', 'most'], 3, 'expected a percentage'],
    [['pair-cut.drill.yml', '--format', 'html'], 3, 'Allowed choices are terminal, markdown, json'],
    [['pair-cut.drill.yml', '--generate', 'pair.clab.yml'], 4, 'cannot write to pair.clab.yml (EEXIST)'],
  ])('%j: %s', async (argv, code, message) => {
    const { exitCode, stderr } = await coverage(withDaemons(), ...argv);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
  });
});

test('every scenario that is missing for the labs that ship is valid', async () => {
  const folder = temporaryFolder();
  const { stdout, stderr, exitCode } = await coverage(
    folder,
    packageFile('scenarios'),
    '--generate',
    'more',
    '--format',
    'json',
  );
  expect(exitCode).toBe(0);
  const { labs } = JSON.parse(stdout) as { labs: { drilled: number; of: number }[] };
  const missing = labs.reduce((sum, { drilled, of }) => sum + of - drilled, 0);
  expect(stderr).toContain(`wrote ${missing} scenarios`);
  const validated = await faildrill(folder, 'validate', 'more');
  expect(validated.exitCode).toBe(0);
  expect(validated.stdout.split('\n')).toHaveLength(missing);
});
