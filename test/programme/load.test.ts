import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../src/document/problem.js';
import { packageFile } from '../../src/paths.js';
import { loadProgramme } from '../../src/programme/load.js';
import { FINDINGS, PROGRAMME, writeProgramme } from '../fixtures/programme.js';
import { temporaryFolder } from '../fixtures/scenario.js';

/** Where and why a programme is refused: `file:line:column: message`, a line each. */
function refusal(files: { programme?: string; findings?: string }): string {
  const folder = temporaryFolder();
  try {
    loadProgramme(writeProgramme(folder, files));
  } catch (error) {
    if (error instanceof InvalidInput) return error.message.replaceAll(`${folder}/`, '');
    throw error;
  }
  return 'accepted';
}

const changed = (text: string, from: string, to: string) => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

test('a good programme is read, with its defaults', () => {
  const folder = temporaryFolder();
  const { programme, drills, history, findings } = loadProgramme(writeProgramme(folder));
  expect(programme).toMatchObject({ at: '02:00', starts: '2026-01-01' });
  expect(drills.map(({ loaded }) => loaded.scenario.name)).toEqual(['pair-cut', 'other']);
  expect(history).toBe(join(folder, 'reports'));
  expect(findings.findings).toHaveLength(2);
});

test('the one that ships is good', () => {
  expect(loadProgramme(packageFile('scenarios/programme.yml')).drills.length).toBeGreaterThan(4);
});

test('findings need not be there, and may be empty', () => {
  const folder = temporaryFolder();
  const file = writeProgramme(folder, { findings: '' });
  expect(loadProgramme(file).findings).toEqual({ findings: [], reviews: [] });
  rmSync(join(folder, 'findings.yml'));
  expect(loadProgramme(file).findings).toEqual({ findings: [], reviews: [] });
});

describe('a mistake is shown with its place, what was expected and the nearest name', () => {
  test.each([
    ['a misspelt key', 'scope:', 'scoop:', 'programme.yml:4:1: unknown key "scoop"; did you mean "scope"?'],
    [
      'an unknown scenario',
      'other.drill.yml',
      'another.drill.yml',
      'programme.yml:13:17: there is no another.drill.yml',
    ],
    [
      'a scenario twice',
      'other.drill.yml',
      './pair-cut.drill.yml',
      `programme.yml:13:17: another drill's scenario is called "pair-cut" already`,
    ],
    ['a folder', 'other.drill.yml', '.', ':1:1: this is a folder; a file is expected'],
    ['no scenario', 'other.drill.yml', 'pair.clab.yml', 'pair.clab.yml:2:1: unknown key "topology"'],
    [
      'an unknown frequency',
      'quarterly',
      'quaterly',
      'programme.yml:12:48: unknown value "quaterly"; did you mean "quarterly"?',
    ],
    [
      'an unknown owner',
      'owner: ada',
      'owner: adda',
      'programme.yml:12:66: unknown participant "adda"; did you mean "ada"?',
    ],
    [
      'an unknown participant',
      '[ben]',
      '[bem]',
      'programme.yml:12:86: unknown participant "bem"; did you mean "ben"?',
    ],
    [
      'an owner of a service',
      'owner: ben, t',
      'owner: bem, t',
      'programme.yml:10:33: unknown participant "bem"; did you mean "ben"?',
    ],
    [
      'an unknown service',
      '{ web: [app]',
      '{ wob: [app]',
      'programme.yml:12:104: unknown service "wob"; did you mean "web"?',
    ],
    [
      'an unknown probe',
      '[app]',
      '[ap]',
      'programme.yml:12:110: unknown probe of pair-cut "ap"; did you mean "app"?',
    ],
    [
      'an unknown metric',
      'loss_of_connectivity <',
      'loss_of_connectivty <',
      'programme.yml:10:48: unknown metric "loss_of_connectivty"',
    ],
    [
      'a limit of another unit',
      '< 400ms',
      '< 4%',
      'programme.yml:10:48: loss_of_connectivity is a duration, not a share',
    ],
    [
      'a target with a probe',
      'loss_of_connectivity <',
      'loss_of_connectivity(app) <',
      'programme.yml:10:48: leave the parentheses out',
    ],
    ['no target', 'loss_of_connectivity < 400ms', 'good', 'programme.yml:10:48: not a target: "good"'],
    [
      'what the scenario does not measure',
      'loss_of_connectivity <',
      'loss_of_connectivity min <',
      'programme.yml:12:110: no target of pair-cut measures with "app" what web is limited by: loss_of_connectivity min < 400ms',
    ],
    [
      'a day that is none',
      '2026-01-01',
      '2026-02-29',
      'programme.yml:5:9: expected a day of the calendar, as 2026-11-22',
    ],
    ['a number as a day', '2026-01-01', '20260101', 'programme.yml:5:9: expected a day as 2026-11-22'],
    [
      'a time that is none',
      'starts: 2026-01-01',
      'starts: 2026-01-01\nat: "24:00"',
      'programme.yml:6:5: expected a time of day as "02:00"',
    ],
    ['a person twice', 'ben: { name', 'ada: { name', 'programme.yml:8:3: this key stands here a second time'],
    [
      'a file of findings that is not there',
      'starts:',
      'findings: x.yml\nstarts:',
      'programme.yml:5:11: there is no x.yml',
    ],
    [
      'no drills',
      PROGRAMME.slice(PROGRAMME.indexOf('drills:')),
      'drills: []\n',
      'programme.yml:11:9: expected at least 1 item',
    ],
    ['not YAML', 'title: The', 'title: [The', 'not YAML'],
  ])('%s', (_, from, to, expected) => {
    expect(refusal({ programme: changed(PROGRAMME, from, to) })).toContain(expected);
  });

  test.each([
    [
      'a misspelt key',
      'title: It was n',
      'tilte: It was n',
      'findings.yml:3:5: unknown key "tilte"; did you mean "title"?',
    ],
    ['an id twice', 'F-2', 'F-1', 'findings.yml:10:11: another finding is called "F-1" already'],
    [
      'an unknown drill',
      'drill: pair-cut',
      'drill: par-cut',
      'findings.yml:5:12: unknown drill "par-cut"; did you mean "pair-cut"?',
    ],
    ['an unknown service', '[web]', '[wab]', 'findings.yml:6:16: unknown service "wab"; did you mean "web"?'],
    [
      'an unknown owner',
      'owner: ben',
      'owner: bem',
      'findings.yml:8:37: unknown participant "bem"; did you mean "ben"?',
    ],
    [
      'a day that is none',
      '2026-03-01',
      '2026-02-30',
      'findings.yml:8:47: expected a day of the calendar, as 2026-11-22',
    ],
    [
      'done before it was found',
      'done: 2026-02-19',
      'done: 2026-02-01',
      'findings.yml:9:59: this is before it was found',
    ],
    [
      'closed before it was found',
      'closed: 2026-02-12',
      'closed: 2026-02-10',
      'findings.yml:10:63: this is before it was found',
    ],
    [
      'closed with an open action',
      'found: 2026-02-11\n',
      'found: 2026-02-11\n    closed: 2026-02-12\n',
      'findings.yml:5:13: an action of it is not done: Tell nobody',
    ],
    [
      'an unknown reviewer',
      'by: ben',
      'by: bem',
      'findings.yml:12:40: unknown participant "bem"; did you mean "ben"?',
    ],
    ['no quarter', '2026-Q1', '2026-Q5', 'findings.yml:12:27: expected a quarter as 2026-Q4'],
  ])('in the findings: %s', (_, from, to, expected) => {
    expect(refusal({ findings: changed(FINDINGS, from, to) })).toContain(expected);
  });

  test('all of them at once, those of a scenario as its own', () => {
    const text = refusal({
      programme: PROGRAMME.replace('owner: ada', 'owner: x').replace('other.drill.yml', 'pair.clab.yml'),
      findings: FINDINGS.replace('F-2', 'F-1'),
    });
    expect(text.split('\n').map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['programme.yml', 'pair.clab.yml', 'findings.yml']),
    );
  });
});
