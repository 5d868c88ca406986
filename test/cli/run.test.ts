import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withTags } from '../../src/cli/scenarios.js';
import { loadScenario } from '../../src/scenario/load.js';
import { PAIR, SCENARIO, temporaryFolder } from '../fixtures/scenario.js';
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
