import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/analysis/comparison/result.js';
import type { Event } from '../../src/recording/events.js';
import { simulateTrials } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

const MS = 1e6;
const around = (middle: number, count = 6) =>
  simulateTrials(Array.from({ length: count }, (_, index) => (middle + index) * MS));
const written = (events: readonly Event[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

/** Compares two recordings by the real command line; the baseline lies in a folder of its own. */
async function compare(baseline: string, change: string, ...options: string[]) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'before'));
  writeFileSync(join(folder, 'before/recording.ndjson'), baseline);
  writeFileSync(join(folder, 'after.ndjson'), change);
  const { exitCode, stdout, stderr } = await faildrill(
    folder,
    'compare',
    'before',
    'after.ndjson',
    ...options,
  );
  return { exitCode, stdout, stderr };
}

const BASELINE = written(around(300));

test('worse: verdict first, both medians, the difference, and exit code 1', async () => {
  const { exitCode, stdout, stderr } = await compare(BASELINE, written(around(500)));
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines[0]).toBe('WORSE  The link between two hosts is cut');
  expect(lines[1]).toBe('      worse: loss_of_connectivity(app)');
  expect(stdout).toMatch(
    /✗ loss_of_connectivity\(app\) +30\d ms \(95 %: \d+ ms to \d+ ms\) +50\d ms \(.*\) +\+20\d ms \(95 %: \+19\d ms to \+2\d\d ms\) +0\.002 +worse$/m,
  );
  expect(stdout).toContain('nothing else is different');
});

test.each([
  ['the same again', around(300), 0, 'NOT WORSE'],
  ['better', around(100), 0, 'NOT WORSE'],
  ['perhaps worse by more than is tolerated', around(325), 2, 'CANNOT TELL'],
  ['too few trials', around(500, 2), 2, 'CANNOT TELL'],
])('%s', async (_, change, code, verdict) => {
  const { exitCode, stdout } = await compare(BASELINE, written(change));
  expect(stdout.split('  ')[0]).toBe(verdict);
  expect(exitCode).toBe(code);
});

test('what is tolerated is said, and another tolerance changes the verdict', async () => {
  const change = written(around(380));
  expect((await compare(BASELINE, change)).exitCode).toBe(1);
  const { exitCode, stdout } = await compare(BASELINE, change, '--tolerance', '50%');
  expect(exitCode).toBe(0);
  expect(stdout).toContain("A difference up to 50 % of the baseline's median counts as none");
});

test('JSON and Markdown', async () => {
  const change = written(around(500));
  const json = await compare(BASELINE, change, '--format', 'json');
  expect(JSON.parse(json.stdout) as Comparison).toMatchObject({
    version: 1,
    verdict: 'worse',
    name: 'pair-cut',
  });
  const markdown = await compare(BASELINE, change, '--format', 'markdown');
  expect(markdown.stdout).toMatch(/^# WORSE: The link between two hosts is cut$/m);
  expect(markdown.stdout).toMatch(/^\| ✗ \| loss\\_of\\_connectivity\(app\) \|/m);
  expect([json, markdown].map(({ exitCode }) => exitCode)).toEqual([1, 1]);
});

describe('what cannot be compared: one message, exit code 3', () => {
  test.each([
    [
      'another scenario',
      BASELINE.replaceAll('pair-cut', 'other-cut'),
      'after.ndjson:1:1: of another scenario than the baseline: other-cut, not pair-cut',
    ],
    ['no recording', 'name: x\n', 'after.ndjson:1:1: not a recording'],
    [
      'of another version',
      BASELINE.replace('"version":1', '"version":2'),
      'after.ndjson:1:1: made by a newer version',
    ],
    [
      'cut off before the lab',
      BASELINE.slice(0, 200),
      'after.ndjson:1:1: the recording ends before its scenario',
    ],
  ])('%s', async (_, change, message) => {
    const { exitCode, stdout, stderr } = await compare(BASELINE, change);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(`error ${message}`);
  });

  test.each([
    ['no percentage', ['--tolerance', '5'], 'expected a percentage, as 5%'],
    ['an unknown format', ['--format', 'xml'], 'Allowed choices are terminal, markdown, json'],
  ])('%s', async (_, options, message) => {
    const { exitCode, stderr } = await compare(BASELINE, BASELINE, ...options);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(message);
  });
});

test('a drill is not compared with itself: a pipeline that does has lost its baseline', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'recording.ndjson'), BASELINE);
  const { exitCode, stderr } = await faildrill(folder, 'compare', '.', 'recording.ndjson');
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: 'error recording.ndjson:1:1: this is the baseline itself',
  });
});

test('a drill that was cut off is compared as far as it came, and that is said', async () => {
  const change = written(
    simulateTrials(
      [500, 510, 520, 530, 540, 550, 560].map((length) => length * MS),
      { killed: true },
    ),
  );
  const { exitCode, stdout } = await compare(BASELINE, change);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/change .*, 6 valid trials, inconclusive/);
  expect(stdout).toContain('! change: not a whole drill: the recording ends in the middle of the drill');
});

test('without a valid trial there is nothing to compare', async () => {
  const { exitCode, stdout } = await compare(BASELINE, written(simulateTrials([500 * MS], { killed: true })));
  expect(exitCode).toBe(2);
  expect(stdout).toContain('the change has no valid trial');
});
