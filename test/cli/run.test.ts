import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withTags } from '../../src/cli/scenarios.js';
import { loadScenario } from '../../src/scenario/load.js';
import { PAIR, SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { keep, recordingOf } from '../fixtures/store.js';
import { faildrill } from '../lab/drill.js';

/** A folder with a scenario for each list of tags: `s1`, `s2`... */
function tagged(...tags: string[][]): { folder: string; files: string[] } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'drills'));
  writeFileSync(join(folder, 'drills/pair.clab.yml'), PAIR);
  const files = tags.map((list, index) => {
    const name = `s${index + 1}`;
    const file = join(folder, 'drills', `${name}.drill.yml`);
    writeFileSync(
      file,
      SCENARIO.replace('pair-cut', name).replace('lab:', `tags: ${JSON.stringify(list)}\nlab:`),
    );
    return file;
  });
  return { folder, files };
}

describe('--tag', () => {
  test.each([
    [[], ['s1', 's2', 's3', 's4']],
    [['wan'], ['s1', 's2']],
    [['smoke'], ['s1']],
    [
      ['smoke', 'slow'],
      ['s1', 's4'],
    ],
  ])('%j', (tags, names) => {
    const { files } = tagged(['smoke', 'wan'], ['wan'], [], ['slow']);
    const loaded = files.map((file) => loadScenario(file));
    const chosen = withTags(loaded, { tags, paths: ['drills'] });
    expect(chosen.map(({ scenario }) => scenario.name)).toEqual(names);
  });

  test.each([
    [
      'that no scenario has: an error that names those there are',
      [['smoke', 'wan'], ['wan']],
      ['--tag', 'somke'],
      'error drills:1:1: no scenario has the tag "somke"; the tags here are "smoke", "wan"',
    ],
    [
      'beside one that some have: the mistake is told all the same',
      [['smoke']],
      ['--tag', 'smoke', '--tag', 'wan'],
      'error drills:1:1: no scenario has the tag "wan"; the tags here are "smoke"',
    ],
    [
      'where there are no tags',
      [[]],
      ['--tag', 'smoke'],
      'error drills:1:1: no scenario has the tag "smoke"; none here has any',
    ],
  ])('%s', async (_, tags, options, message) => {
    const { exitCode, stdout, stderr } = await faildrill(tagged(...tags).folder, 'run', 'drills', ...options);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 3, stdout: '', stderr: message });
  });
});

describe('--baseline: what cannot be held against the drill is told before anything is run', () => {
  const whole = { started: '2026-01-10T10:00:00.000Z', outages: [300, 301] };
  /** A folder with a scenario, and a history with drills of it and of another. */
  function prepared(): string {
    const folder = temporaryFolder();
    writeScenario(folder);
    const store = join(folder, 'reports');
    keep(store, 'other-1', recordingOf({ ...whole, name: 'other' }));
    keep(store, 'pair-1', recordingOf(whole));
    keep(join(folder, 'main'), 'other-1', recordingOf({ ...whole, name: 'other' }));
    writeFileSync(join(folder, 'cut.json'), '{"version": 1, "measured": [');
    writeFileSync(join(folder, 'newer.ndjson'), recordingOf(whole).replace('"version":1', '"version":5'));
    writeFileSync(
      join(folder, 'compared.json'),
      '{"rows": [], "baseline": {"id": "other-2026-01-10T10:00:00.000Z"}}',
    );
    return folder;
  }

  test.each([
    ['other-1', [], 'other-1:1:1: of another scenario than the drill: other, not pair-cut'],
    ['nothing', [], 'reports:1:1: there is no drill "nothing"; see faildrill history'],
    ['reports/nothing', [], 'reports/nothing:1:1: there is no such file'],
    ['main', [], 'main:1:1: there is no whole drill of pair-cut in this folder'],
    ['cut.json', [], 'cut.json:1:1: not the result of a drill (result.json): no whole JSON'],
    [
      'newer.ndjson',
      [],
      'newer.ndjson:1:1: made by a newer version of faildrill (format 5, this one reads 1)',
    ],
    ['compared.json', [], 'compared.json:1:1: of another scenario than the drill: other, not pair-cut'],
    [
      'pair-1',
      ['--trials', '3'],
      'pair-1:1:1: too few trials to tell a regression: 7 more in the baseline, or more with --trials',
    ],
  ])('%s %j', async (baseline, options, message) => {
    const argv = ['run', 'pair-cut.drill.yml', '--baseline', baseline, ...options];
    const { exitCode, stdout, stderr } = await faildrill(prepared(), ...argv);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 3, stdout: '', stderr: `error ${message}` });
  });

  test.each([
    [['--baseline', 'pair-1', '--tolerance', '10'], 'expected a percentage, as 5%'],
    [['--tolerance', '10%'], 'error --tolerance is that of a comparison: it needs --baseline'],
  ])('%j', async (options, message) => {
    const { exitCode, stderr } = await faildrill(prepared(), 'run', 'pair-cut.drill.yml', ...options);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(message);
  });
});

describe('--jobs', () => {
  test('each line says of which drill it is; one that cannot be run does not keep the others from it', async () => {
    const { folder } = tagged([], []);
    // No folder can be made below a file, which is seen before there is a lab.
    const argv = ['run', 'drills', '--jobs', '2', '--out', 'drills/pair.clab.yml/x'];
    const { exitCode, stdout, stderr } = await faildrill(folder, ...argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    const lines = stderr.split('\n');
    for (const line of lines) expect(line).toMatch(/^s[12] {2}(error cannot make a folder|hint)/);
    expect(lines).toHaveLength(4);
  });

  test.each([
    [['--jobs', '0'], 3, 'expected auto, or a number from 1 on'],
    [['--jobs', 'many'], 3, 'expected auto, or a number from 1 on'],
    [['--jobs', '2', '--ui'], 4, 'the page shows one drill, and --jobs runs several at once'],
  ])('%j is refused', async (options, code, message) => {
    const { exitCode, stderr } = await faildrill(tagged([]).folder, 'run', 'drills', ...options);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
  });
});
