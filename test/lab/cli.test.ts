import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { compiled } from '../../src/paths.js';
import { runningLabs } from '../../src/runtime/namespace/labs.js';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { faildrill } from './drill.js';
import { writeTopology } from './labs.js';
import { expectNothingLeft, trace } from './machine.js';

const NAME = 'clitest-pair';
const CONSOLE = `entrypoint: "sh -c 'echo started; echo complaint >&2; exec sleep infinity'"`;

/** Two hosts, the second of which says something on its console. */
const topology = (a = '') =>
  PAIR.replace('name: pair', `name: ${NAME}`).replace('{ a: , b: }', `{ a: { ${a} }, b: { ${CONSOLE} } }`);

const lab = (...argv: string[]) => faildrill('/', 'lab', ...argv);
const down = async () => {
  if (runningLabs().includes(NAME)) await lab('down', NAME);
};

/** Brings the lab up, for one test. */
function up(text = topology()) {
  onTestFinished(down);
  return lab('up', writeTopology(temporaryFolder(), text));
}

test('a lab is up when up returns; it goes with down, and nothing is left', async () => {
  const before = trace();
  const { exitCode, stdout } = await up();
  expect(stdout).toMatch(/^lab clitest-pair is up: 2 nodes, 2 links, \d+\.\d\d s\n/);
  expect(exitCode).toBe(0);
  expect(runningLabs()).toContain(NAME);
  expect(await lab('down', NAME)).toMatchObject({ exitCode: 0, stdout: `lab ${NAME} is down` });
  expect(runningLabs()).not.toContain(NAME);
  await expectNothingLeft(before);
});

describe('a lab that is up', () => {
  const exec = (node: string, ...argv: string[]) => lab('exec', NAME, node, ...argv);
  const unknown = { exitCode: 4, stdout: '', stderr: 'error unknown node "c"; there are "a", "b"' };
  const folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
  const file = writeTopology(folder, topology());
  beforeAll(async () => {
    await lab('up', file);
  });
  afterAll(async () => {
    await down();
    rmSync(folder, { recursive: true });
  });

  test('is found by others', async () => {
    const { exitCode, stdout } = await lab('list');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toContain(`${NAME}  2 nodes, 2 links  ${file}`);
  });

  test('refuses a second one of its name, and lives on', async () => {
    expect(await lab('up', file)).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr: `error a lab named "${NAME}" is up already\nhint  see it with: faildrill lab list; take it down with: faildrill lab down ${NAME}`,
    });
    expect((await exec('a', 'hostname')).stdout).toBe('a');
  });

  test('runs commands: their output, their exit codes, their own options', async () => {
    const [ping, shell, killed, missing, elsewhere] = await Promise.all([
      exec('a', 'ping', '-c', '1', '-W', '2', '10.0.1.2'),
      exec('b', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'),
      exec('a', 'sh', '-c', 'kill -9 $$'),
      exec('a', 'no-such-program'),
      exec('c', 'true'),
    ]);
    expect(ping.stdout).toContain(' 0% packet loss');
    expect(shell).toMatchObject({ exitCode: 7, stdout: 'out', stderr: 'err' });
    expect(killed.exitCode).toBe(137);
    expect(missing.exitCode).toBe(127);
    expect(missing.stderr).toContain('no-such-program: not found');
    expect(elsewhere).toMatchObject(unknown);
  });

  test('has shells', async () => {
    const shell = [process.execPath, compiled('cli/main'), 'lab', 'shell', NAME, 'a'].join(' ');
    // script(1) is the terminal that a shell needs.
    const { stdout, exitCode } = await execa('script', ['-qec', shell, '/dev/null'], {
      input: 'test -t 0 && echo "terminal of $(hostname)"; exit 5\n',
      reject: false,
    });
    expect(stdout).toMatch(/terminal of a\r?$/m);
    expect(exitCode).toBe(5);
  });

  test('shows what its daemons wrote to their consoles', async () => {
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((node) => lab('logs', NAME, node)));
    expect(a).toMatchObject({ exitCode: 0, stdout: '' });
    expect(b).toMatchObject({ exitCode: 0, stdout: 'started\ncomplaint' });
    expect(c).toMatchObject(unknown);
  });
});

describe('a lab that does not come up', () => {
  test('because a command fails: said so, and nothing is left', async () => {
    const before = trace();
    const { exitCode, stdout, stderr } = await up(topology('exec: ["sh -c \'echo why >&2; exit 3\'"]'));
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr).toMatch(/^error node a: .* failed \(3\).*why/);
    await expectNothingLeft(before);
  });

  test('because up was killed: it is listed, and down takes it away', async () => {
    const before = trace();
    const starting = up(topology('exec: ["sleep 60"]'));
    while (!runningLabs().includes(NAME)) await sleep(5);
    const { exitCode, stdout } = await lab('list');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${NAME}  `, 'm'));
    starting.kill('SIGKILL');
    await starting;
    expect(runningLabs()).toContain(NAME);
    expect((await lab('down', NAME)).exitCode).toBe(0);
    await expectNothingLeft(before);
  });
});
