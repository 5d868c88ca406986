import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { compiled, packageFile } from '../../src/paths.js';
import { expectNothingLeft, trace } from './machine.js';

const SCENARIO = packageFile('scenarios/dual-isp-wireguard/primary-isp-cut.drill.yml');
const LAB = packageFile('labs/dual-isp-wireguard/dual-isp-wireguard.clab.yml');

/** Runs the real command line by way of another program, which takes something of the machine away from it. */
async function without(loss: string[], ...argv: string[]) {
  const [command = '', ...rest] = [...loss, process.execPath, compiled('cli/main'), ...argv];
  const { exitCode, stdout, stderr } = await execa(command, rest, {
    cwd: '/',
    reject: false,
    stdin: 'ignore',
  });
  return { exitCode, stdout, stderr };
}

/** An empty folder, that stays empty, instead of a real one, for one process only. */
const folder = (path: string) => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount -t tmpfs -o ro none ${path} && exec "$@"`,
  'sh',
];
const capability = (name: string) => ['setpriv', '--bounding-set', `-${name}`, '--inh-caps', `-${name}`];
const NOBODY = ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'];

/** What a doctor found, by what it looked at: its sign and what it says. */
const findings = (stdout: string): Record<string, string> =>
  Object.fromEntries(
    stdout.split('\n').flatMap((line) => {
      const [, sign, what, detail] = /^([✓✗~]) (.*?) {2}(.*)$/.exec(line) ?? [];
      return what === undefined ? [] : [[what, `${sign} ${detail}`]];
    }),
  );

test('a machine that can run drills: it has tried, and knows its kernel', async () => {
  const before = trace();
  const { exitCode, stdout } = await without([], 'doctor');
  expect(stdout).toMatch(/this machine can run drills$/);
  expect(exitCode).toBe(0);
  expect(findings(stdout)).toMatchObject({
    Node: `✓ ${process.version}, at least 20.12 is needed`,
    privileges: '✓ root',
    frr: '✓ OSPF, BGP, BFD',
    'namespaces, overlay, veth, tc': '✓ a lab of two nodes came up and its link could be cut',
  });
  const add = ['--net', 'ip', 'link', 'add', 'wg-try', 'type', 'wireguard'];
  const kernel = await execa('unshare', add, { reject: false });
  expect(findings(stdout)['WireGuard in the kernel']).toBe(
    kernel.exitCode === 0 ? '✓ yes' : '~ no; wireguard-go does it in user space, more slowly',
  );
  await expectNothingLeft(before);
});

describe('something missing: said by name, with what to do, and exit code 4', () => {
  test.each([
    [
      'a package',
      folder('/usr/lib/frr'),
      'frr',
      'OSPF, BGP, BFD; apt-get install frr, or faildrill doctor --install',
    ],
    [
      'a device',
      folder('/dev/net'),
      'TUN devices',
      'there is no /dev/net/tun; tunnels in user space need it',
    ],
    ['root', NOBODY, 'privileges', 'labs are made of namespaces, which takes root'],
    [
      'a capability, as in a plain container',
      capability('net_admin'),
      'privileges',
      'labs are made of namespaces, which takes CAP_NET_ADMIN; a container has that when it is privileged',
    ],
  ])('%s', async (_, loss, what, detail) => {
    const { exitCode, stdout } = await without(loss, 'doctor');
    const found = findings(stdout);
    expect(found[what]).toBe(`✗ ${detail}`);
    expect(Object.values(found).filter((text) => text.startsWith('✗'))).toHaveLength(1);
    expect(stdout).toMatch(/^1 missing$/m);
    expect(exitCode).toBe(4);
  });
});

test('what only makes it less good is no reason to stop', async () => {
  const { exitCode, stdout } = await without(capability('sys_nice'), 'doctor');
  expect(findings(stdout)['real-time scheduling']).toMatch(/^~ SCHED_FIFO is not permitted/);
  expect(exitCode).toBe(0);
});

describe('a lab that this machine cannot run: one message with a hint, exit code 4, nothing left', () => {
  const daemon = ['needs /usr/lib/frr/watchfrr, which is not on this machine', 'install the package frr'];
  const root = ['which takes root', 'faildrill doctor says what this machine lacks'];
  const out = join(tmpdir(), `clitest-reports-${process.pid}`);
  test.each([
    ['run, a daemon is missing', folder('/usr/lib/frr'), ['run', SCENARIO, '--out', out], daemon],
    ['validate, a daemon is missing', folder('/usr/lib/frr'), ['validate', SCENARIO], daemon],
    ['lab up, a daemon is missing', folder('/usr/lib/frr'), ['lab', 'up', LAB], daemon],
    ['run, not root', NOBODY, ['run', SCENARIO, '--out', out], root],
    ['lab up, not root', NOBODY, ['lab', 'up', LAB], root],
    [
      'lab up, in a plain container',
      capability('sys_admin'),
      ['lab', 'up', LAB],
      ['which takes CAP_SYS_ADMIN; a container has that when it is privileged', 'faildrill doctor'],
    ],
  ])('%s', async (_, loss, argv, [message, hint]) => {
    const before = trace();
    const { exitCode, stdout, stderr } = await without(loss, ...argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^error /),
      expect.stringMatching(/^hint {2}/),
    ]);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(existsSync(out)).toBe(false);
    await expectNothingLeft(before);
  });
});
