import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { compiled } from '../../src/paths.js';
import { RECORDING_VERSION } from '../../src/recording/events.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { keep, recordingOf } from '../fixtures/store.js';
import { faildrill } from '../lab/drill.js';

/** A folder with a store of four drills. */
function stored(): string {
  const folder = temporaryFolder();
  const store = join(folder, 'reports');
  keep(
    store,
    'cut-1',
    recordingOf({ started: '2026-01-10T10:00:00.000Z', name: 'cut', tags: ['wan', 'smoke'] }),
  );
  keep(
    store,
    'cut-2',
    recordingOf({ started: '2026-02-10T10:00:00.000Z', name: 'cut', tags: ['wan'], outages: [1100] }),
  );
  keep(
    store,
    'flap-1',
    recordingOf({ started: '2026-03-10T10:00:00.000Z', name: 'flap', outages: [300, 310] }),
  );
  keep(store, 'flap-2', recordingOf({ started: '2026-03-11T10:00:00.000Z', name: 'flap', killed: true }));
  return folder;
}

async function history(folder: string, ...options: string[]) {
  const { exitCode, stdout, stderr } = await faildrill(folder, 'history', ...options);
  return { exitCode, stdout, stderr };
}

test('every drill in a line, the latest first, with why where it did not pass', async () => {
  const { exitCode, stdout, stderr } = await history(stored());
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    '? inconclusive  2026-03-11 10:00  0 trials  flap-2  the recording ends in the middle of the drill',
    '✓ pass          2026-03-10 10:00  2 trials  flap-1',
    '✗ fail          2026-02-10 10:00  1 trial   cut-2  missed: loss_of_connectivity(app) < 1s',
    '✓ pass          2026-01-10 10:00  1 trial   cut-1',
  ]);
});

test.each([
  [
    ['--scenario', 'cut'],
    ['cut-2', 'cut-1'],
  ],
  [['--tag', 'smoke'], ['cut-1']],
  [
    ['--verdict', 'pass'],
    ['flap-1', 'cut-1'],
  ],
  [
    ['--since', '2026-02-10'],
    ['flap-2', 'flap-1', 'cut-2'],
  ],
  [['--before', '2026-02-10T10:00'], ['cut-1']],
  [
    ['--since', '2026-02-10T10:00', '--before', '2026-03-11'],
    ['flap-1', 'cut-2'],
  ],
  [['--last', '1'], ['flap-2']],
  [['--scenario', 'cut', '--verdict', 'inconclusive'], []],
])('%j', async (options, folders) => {
  const { exitCode, stdout } = await history(stored(), ...options, '--format', 'json');
  expect(exitCode).toBe(0);
  const { drills } = JSON.parse(stdout) as { drills: { folder: string }[] };
  expect(drills.map(({ folder }) => folder)).toEqual(folders);
});

test('where nothing fits, that is said with what was asked for', async () => {
  const { exitCode, stdout } = await history(stored(), '--scenario', 'cut', '--since', '2026-03-01');
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: 'no drill of cut, since 2026-03-01T00:00Z in reports',
  });
});

describe('a mistake: one message, exit code 3', () => {
  test.each([
    [['--scenario', 'cutt'], 'error reports:1:1: unknown scenario "cutt"; did you mean "cut"?'],
    [['--tag', 'slow'], 'error reports:1:1: unknown tag "slow"; there are "wan", "smoke"'],
    [['--in', 'nowhere'], 'error nowhere:1:1: there is no such file'],
    [['--verdict', 'good'], 'Allowed choices are pass, fail, inconclusive'],
    [['--since', 'monday'], 'expected a date, a date and time, or how long ago'],
    [['--last', '0'], 'expected a number from 1 on'],
  ])('%j', async (options, message) => {
    const { exitCode, stdout, stderr } = await history(stored(), ...options);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(message);
  });
});

test('recordings that cannot be judged are in the list, with why', async () => {
  const folder = temporaryFolder();
  const store = join(folder, 'reports');
  const whole = recordingOf({ started: '2026-01-10T10:00:00.000Z' });
  keep(store, 'newer', whole.replace(`"version":${RECORDING_VERSION}`, '"version":9'));
  keep(store, 'cut-off', whole.slice(0, 200));
  const { exitCode, stdout } = await history(folder);
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').sort()).toEqual([
    '! cut-off: the recording ends before its scenario',
    '! newer: made by a newer version of faildrill (format 9, this one reads 1)',
  ]);
});

test('a title or tag can do nothing to the terminal, and nothing to the page', async () => {
  const folder = temporaryFolder();
  const scenario = { title: '<script>alert(1)</script> "quoted", \u001b[31mred\u202e ünïcødé' };
  keep(
    join(folder, 'reports'),
    'odd\u001b[2J',
    recordingOf({ started: '2026-01-10T10:00:00.000Z', outages: [1100], scenario }),
  );
  const { stdout } = await history(folder);
  expect(stdout).toContain('odd�[2J');
  expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  const page = (await history(folder, '--format', 'html')).stdout;
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toContain('<script');
});

test('ten thousand drills, from the index: all of them, in less than a second of work', async () => {
  const folder = temporaryFolder();
  const store = join(folder, 'reports');
  keep(store, 'd0', recordingOf({ started: '2026-01-10T10:00:00.000Z' }));
  await history(folder);
  const index = join(store, 'index.ndjson');
  const first = JSON.parse(readFileSync(index, 'utf8')) as object;
  const lines = Array.from({ length: 9999 }, (_, number) => {
    const name = `d${number + 1}`;
    // Nobody looks into a recording that the index knows.
    const { size, mtimeMs } = statSync(join(keep(store, name, 'x'), 'recording.ndjson'));
    return `${JSON.stringify({ ...first, folder: name, bytes: size, changed: mtimeMs })}\n`;
  });
  appendFileSync(index, lines.join(''));
  const { stdout, stderr } = await execa('bash', [
    '-c',
    'TIMEFORMAT="%U %S"; time "$@" | tail -n +10000',
    'time',
    process.execPath,
    compiled('cli/main'),
    'history',
    '--in',
    store,
  ]);
  expect(stdout).toMatch(/^✓ pass {2}2026-01-10 10:00 {2}1 trial {2}d\d+$/);
  const [user, system] = stderr.trim().split(' ').map(Number);
  expect(user! + system!).toBeLessThan(1);
});

describe('show', () => {
  const show = async (folder: string, ...argv: string[]) => {
    const { exitCode, stdout, stderr } = await faildrill(folder, 'show', ...argv);
    return { exitCode, stdout, stderr };
  };

  test.each([
    ['its folder', 'cut-1', 'cut-1'],
    ['the beginning of it, where only one drill has that', 'cut-2', 'cut-2'],
    ['its id', 'flap-2026-03-10T10:00:00.000Z', 'flap-1'],
    ['its scenario: the latest of it', 'cut', 'cut-2'],
    ['last', 'last', 'flap-2'],
    ['its path', 'reports/flap-1', 'flap-1'],
    ['the path of its recording', 'reports/flap-1/recording.ndjson', 'flap-1'],
  ])('a drill by %s', async (_, name, found) => {
    const { exitCode, stdout, stderr } = await show(stored(), name);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^(PASS|FAIL|INCONCLUSIVE) {2}The link between two hosts is cut$/m);
    expect(stdout).toContain(`folder   reports/${found}`);
  });

  test('as any report', async () => {
    const folder = stored();
    const { stdout } = await show(folder, 'cut-1', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ name: 'cut', verdict: 'pass' });
    expect((await show(folder, 'cut-1', '--format', 'junit')).stdout).toMatch(/^<\?xml/);
  });

  test.each([
    [['flip-1'], 'error reports:1:1: there is no drill "flip-1"; did you mean "flap-1"?'],
    [['fla'], 'error reports:1:1: 2 drills begin with "fla", as flap-1, flap-2'],
    [['reports/none'], 'error reports/none:1:1: there is no such file'],
    [['cut', '--in', 'nowhere'], 'error cut:1:1: there is no such file'],
  ])('%j: one message, exit code 3', async (argv, message) => {
    const { exitCode, stdout, stderr } = await show(stored(), ...argv);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 3, stdout: '', stderr: message });
  });

  test('a drill of no trials says so', async () => {
    const { exitCode, stdout } = await show(stored(), 'flap-2');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('the recording ends in the middle of the drill');
    expect(stdout).toContain('trials   0 valid of 1');
  });
});

test('drills are compared by name too', async () => {
  const { stdout, exitCode } = await faildrill(stored(), 'compare', 'cut-1', 'cut-2');
  expect(exitCode).toBe(2);
  expect(stdout).toContain('too few trials');
});

test('analyze tells a history that there is of what it found', async () => {
  const folder = stored();
  await history(folder);
  const lines = () => readFileSync(join(folder, 'reports/index.ndjson'), 'utf8').split('\n').length;
  const before = lines();
  expect((await faildrill(folder, 'analyze', 'cut-2')).exitCode).toBe(1);
  expect(lines()).toBe(before + 1);
  mkdirSync(join(folder, 'elsewhere'));
  writeFileSync(
    join(folder, 'elsewhere/recording.ndjson'),
    recordingOf({ started: '2026-01-10T10:00:00.000Z' }),
  );
  await faildrill(folder, 'analyze', 'elsewhere');
  expect(lines()).toBe(before + 1);
});
