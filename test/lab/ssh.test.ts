import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Fault } from '../../src/faults/fault.js';
import { faultKind, injectSchema } from '../../src/faults/registry.js';
import { Clock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { decided, drill } from './drill.js';
import { PASSWORD, readySsh, WITH_SSH, WITH_SSH_FILES } from './gateway-with-ssh.js';
import { labForAll, sh, writeTopology } from './labs.js';
import { act as actIn, expectAt, watching as watchingIn } from './watching.js';

// Before the lab comes up, so that its nodes could inherit them.
process.env.GATEWAY_PASSWORD = PASSWORD;
process.env.WRONG_PASSWORD = 'wrong';

const clock = new Clock();
let lab: Lab;
labForAll(
  WITH_SSH,
  clock,
  (deployed) => {
    lab = deployed;
  },
  WITH_SSH_FILES,
);

const LINK = 'gateway:eth2 <-> neighbor:eth1';
/** A Perl program that takes connections and says nothing. */
const SILENT = '$s = IO::Socket::INET->new(LocalPort => 2323, Listen => 9); push(@all, $s->accept) while 1';
let host: Awaited<ReturnType<typeof readySsh>>;
beforeAll(async () => {
  host = await readySsh(lab);
  await sh(lab, 'gateway', `setsid --fork perl -MIO::Socket::INET -e '${SILENT}' > /dev/null 2>&1`);
}, 60_000);

const login = {
  node: 'gateway',
  from: 'manager',
  address: '10.0.1.2',
  user: 'admin',
  'password-from': 'GATEWAY_PASSWORD',
};
/** The neighbor, as the router's own command line shows it. */
const NEIGHBOR = {
  kind: 'ssh',
  ...login,
  setup: ['no terminal paginate'],
  command: 'show ip ospf neighbor',
  matches: '^10\\.0\\.0\\.2 .* Full/',
  interval: '100ms',
};
const watching = (watch: Record<string, unknown>) => watchingIn({ lab, clock }, { ...NEIGHBOR, ...watch });
const act = (line: string) => actIn({ lab, clock }, 'gateway', line);

/** Processes of sshd that serve a user. */
const served = (user: string) => `pgrep -f "[s]shd: ${user}"`;

describe('watch', () => {
  test("a neighbor's state, seen by the router's own command line over one session", async () => {
    await readySsh(lab);
    await using it = await watching({ 'host-key': host.fingerprint });
    expect(it.signals).toMatchObject([{ active: true }]);
    expect(it.signals[0]!.detail).toMatch(/^10\.0\.0\.2 .*Full/);
    const sessions = await sh(lab, 'gateway', served('admin'));
    const link = lab.links.get(LINK)!;
    const [down, cut] = await Promise.all([it.next(), link.cut('test', 'silent')]);
    expect(down).toMatchObject({ active: false });
    expect(down).not.toHaveProperty('unknown');
    // Hellos each second, dead after two; on a machine that may be busy.
    expect(down!.after - cut.before).toBeGreaterThan(0.9e9);
    expect(down!.after - cut.before).toBeLessThan(8e9);
    const [up] = await Promise.all([it.next(), link.restore('test')]);
    expect(up).toMatchObject({ active: true });
    expect(await sh(lab, 'gateway', served('admin'))).toBe(sessions);
  });

  test('the bracket of a change holds its instant', async () => {
    await using it = await watching(LOST);
    for (const [line, active] of [
      ['ip link set eth2 down', true],
      ['ip link set eth2 up', false],
    ] as const) {
      const [seen, when] = await Promise.all([it.next(), act(line)]);
      expectAt(seen, when);
      expect(seen).toMatchObject({ active });
      expect(seen!.after - seen!.before).toBeLessThan(3e9);
    }
  });

  test('a shell of Linux, with a key, from a prompt of its own', async () => {
    const key = join(temporaryFolder(), 'key');
    writeFileSync(key, `${host.key}\n`, { mode: 0o600 });
    await using it = await watching({
      user: 'tester',
      'password-from': undefined,
      'key-file': key,
      setup: ["PS1='(gw) ready: '"],
      prompt: '(^bash-[\\d.]+\\$|^\\(gw\\) ready:|[$#])$',
      command: 'cat /run/state',
      matches: '^up$',
    });
    const [seen, when] = await Promise.all([it.next(), act('echo up > /run/state')]);
    expectAt(seen, when);
    expect(seen).toMatchObject({ active: true, detail: 'up' });
  });

  test('a session that is cut is unknown, and known again by another', async () => {
    await readySsh(lab);
    await using it = await watching({});
    expect(it.signals).toMatchObject([{ active: true }]);
    const [lost] = await Promise.all([it.next(), act(`kill $(${served('admin')})`)]);
    expect(lost).toMatchObject({ active: false, unknown: true });
    expect(lost!.detail).toMatch(/^unknown: .*(closed|lost)/);
    const again = await it.next();
    expect(again).toMatchObject({ active: true });
    expect(again).not.toHaveProperty('unknown');
  });

  test('a gateway that cannot be reached any more is unknown, and known again when it can', async () => {
    await readySsh(lab);
    await using it = await watching({ timeout: '1s' });
    const link = lab.links.get('manager:eth1 <-> gateway:eth1')!;
    const [unreachable] = await Promise.all([it.next(), link.cut('test', 'silent')]);
    expect(unreachable).toMatchObject({ active: false, unknown: true });
    const [again] = await Promise.all([it.next(), link.restore('test')]);
    expect(again).toMatchObject({ active: true });
    expect(again).not.toHaveProperty('unknown');
    expect(it.signals.filter(({ active, unknown }) => !active && !unknown)).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'password',
      { 'password-from': 'WRONG_PASSWORD' },
      /^watch "it": the gateway at 10\.0\.1\.2 does not let "admin" in$/,
    ],
    ['variable', { 'password-from': 'NO_SUCH' }, /^watch "it": the environment has no NO_SUCH/],
    ['key file', { 'key-file': '/nonexistent' }, /^watch "it": cannot read the key \/nonexistent: ENOENT$/],
    [
      'host key',
      { 'host-key': `SHA256:${'A'.repeat(43)}` },
      /^watch "it": .* shows another host key: SHA256:/,
    ],
    ['command in setup', { setup: ['fnord'] }, /^watch "it": "fnord" was refused: .*Unknown command/],
  ])('a wrong %s is said at once', async (_, wrong, message) => {
    await expect(watching(wrong)).rejects.toThrow(message);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'a prompt that never comes',
      { user: 'mute', timeout: '500ms' },
      /^unknown: no prompt within 500 ms after the login/,
    ],
    [
      'a pager that stops',
      { setup: ['terminal paginate'], command: 'show running-config' },
      /^unknown: a pager stopped at "(--More--|\(END\))/,
    ],
    ['a command that is refused', { command: 'fnord' }, /^unknown: "fnord" was refused: % Unknown command/],
    [
      'nobody at the port',
      { port: 2222 },
      /^unknown: no SSH with the gateway at 10\.0\.1\.2: .*ECONNREFUSED/,
    ],
    [
      'somebody at the port who says nothing',
      { port: 2323, timeout: '1s' },
      /^unknown: no SSH with the gateway/,
    ],
  ])('%s is unknown, with the reason', async (_, watch, detail) => {
    await using it = await watching(watch);
    await expect.poll(() => it.signals.at(-1)?.detail, { timeout: 10_000 }).toMatch(detail);
    for (const signal of it.signals) expect(signal).toMatchObject({ active: false, unknown: true });
  });
});

/** These faults impair nothing. */
const wayOf = (): never => {
  throw new Error('not armed');
};

function prepare(step: Record<string, unknown>): Fault {
  const inject = injectSchema.parse({ inject: 'ssh', ...login, setup: ['no terminal paginate'], ...step });
  const { signal } = new AbortController();
  return faultKind(inject).prepare(inject as never, {
    id: 'it',
    lab,
    clock,
    wayOf,
    random: () => 0.5,
    signal,
  });
}

const LOST = { command: 'show interface brief', matches: '^eth2 +down' };
const SHUT = {
  commands: ['configure terminal', 'interface eth2', 'shutdown', 'end'],
  undo: ['configure terminal', 'interface eth2', 'no shutdown', 'end'],
  proof: LOST,
};
const isUp = async () => (await sh(lab, 'gateway', 'ip link show eth2')).includes('state UP');

describe('fault', () => {
  test("an interface goes down by the router's own command line, and comes back", async () => {
    const fault = prepare(SHUT);
    expect(await fault.clear()).toMatchObject({ proof: 'no command was given' });
    await using it = await watchingIn(
      { lab, clock },
      { kind: 'carrier', node: 'gateway', interface: 'eth2' },
    );
    const [down, effect] = await Promise.all([it.next(), fault.inject()]);
    expect(down).toMatchObject({ active: true });
    expectAt(down, effect);
    expect(effect.proof).toBe('"show interface brief" shows ^eth2 +down');
    expect(effect.after - effect.before).toBeLessThan(3e9);
    expect(await isUp()).toBe(false);
    for (const _ of ['once', 'twice']) {
      expect((await fault.clear()).proof).toBe('"show interface brief" no longer shows ^eth2 +down');
      expect(await isUp()).toBe(true);
    }
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'a command that is refused',
      { ...SHUT, commands: ['fnord'] },
      /^gateway over SSH: "fnord" was refused: % Unknown command/,
    ],
    ['no effect', { ...SHUT, commands: ['show version'] }, /does not show \^eth2 \+down$/],
    [
      'words of its own',
      { ...SHUT, commands: ['show version'], 'fails-on': 'FRRouting' },
      /was refused: FRRouting/,
    ],
    [
      'a login that is refused',
      { ...SHUT, 'password-from': 'WRONG_PASSWORD' },
      /^gateway over SSH: .* does not let "admin" in$/,
    ],
    [
      'a prompt that never comes',
      { ...SHUT, user: 'mute', setup: [], timeout: '500ms' },
      /no prompt within 500 ms after the login/,
    ],
  ])('%s fails it', async (_, step, message) => {
    const fault = prepare(step);
    await expect(fault.inject()).rejects.toThrow(message);
    expect(await isUp()).toBe(true);
    await fault.clear().catch(() => {});
  });
});

/** The file of a drill that takes an interface down over SSH, and sees it over SSH. */
function writeDrill(folder: string, variable: string): string {
  const how = { ...login, 'password-from': variable, setup: ['no terminal paginate'] };
  const scenario = {
    name: 'over-ssh',
    title: "An interface is taken down by the router's own command line",
    lab: 'lab.clab.yml',
    'validation-time': '500ms',
    probes: {
      app: { kind: 'udp', from: 'manager', to: 'gateway', address: '10.0.1.2', interval: '5ms' },
    },
    watches: { lost: { kind: 'ssh', ...how, ...LOST, interval: '200ms' } },
    'steady-state': ['lost is not active', 'app loses nothing for 300ms'],
    steps: [
      { inject: 'ssh', ...how, ...SHUT, as: 'shut' },
      { wait: { for: 'lost', within: '10s' } },
      { clear: 'shut' },
    ],
    targets: ['detection_time(lost after shut) < 10s'],
  };
  writeTopology(folder, WITH_SSH, WITH_SSH_FILES);
  const file = join(folder, 'over-ssh.drill.yml');
  writeFileSync(file, stringify(scenario));
  return file;
}

describe('drill', () => {
  test('the instants are known, and the password is nowhere', async () => {
    const folder = temporaryFolder();
    const done = await decided(folder, writeDrill(folder, 'GATEWAY_PASSWORD'));
    expect(done.result.problems).toEqual([]);
    expect(done.result.targets).toMatchObject([{ verdict: 'pass' }]);
    expect(done.stdout + done.stderr).not.toContain(PASSWORD);
    const files = readdirSync(done.folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(1);
    for (const { parentPath, name } of files)
      expect(readFileSync(join(parentPath, name), 'latin1')).not.toContain(PASSWORD);
  });

  test('a wrong password ends it before its steady state', async () => {
    const folder = temporaryFolder();
    const { code, result, recording } = await drill(folder, writeDrill(folder, 'WRONG_PASSWORD'));
    expect(code).not.toBe(0);
    expect(result.problems.join()).toContain(
      'cannot start watch "lost": the gateway at 10.0.1.2 does not let "admin" in',
    );
    expect(readFileSync(recording, 'utf8')).not.toMatch(/"k":"(trial|steady|fault)"/);
  });
});

test('no node gets the password in its environment', async () => {
  expect(await sh(lab, 'gateway', `cat /proc/[0-9]*/environ | grep -ac ${PASSWORD} || true`)).toBe('0');
});

test('no session is left', async () => {
  await expect.poll(() => sh(lab, 'gateway', `${served('(admin|tester|mute)')} || true`)).toBe('');
});
