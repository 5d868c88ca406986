import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { faildrill } from './drill.js';
import { expectNothingLeft, trace } from './machine.js';

/** A programme of two short drills, started a while ago; nothing of it was done. */
function programme(): string {
  const folder = temporaryFolder();
  writeScenario(folder);
  writeFileSync(
    join(folder, 'long.drill.yml'),
    SCENARIO.replace('name: pair-cut', 'name: long').replace('hold: 300ms', 'hold: 5s'),
  );
  writeFileSync(
    join(folder, 'programme.yml'),
    `name: pair
title: The pair
objective: To see
scope: Two links
starts: 2026-01-01
participants: { ada: { name: Ada, role: network } }
drills:
  - { scenario: pair-cut.drill.yml, frequency: weekly, owner: ada }
  - { scenario: long.drill.yml, frequency: quarterly, owner: ada }
`,
  );
  return folder;
}

/** Folders of the drills that were begun, by scenario. */
const drilled = (folder: string, name: string) =>
  readdirSync(join(folder, 'reports'))
    .filter((entry) => entry.startsWith(`${name}-`))
    .map((entry) => join(folder, 'reports', entry));

/** Where the drills stand, by the report. */
const states = (folder: string) => {
  const { drills } = JSON.parse(readFileSync(join(folder, 'reports/programme-pair/report.json'), 'utf8')) as {
    drills: { name: string; due: { state: string } }[];
  };
  return Object.fromEntries(drills.map(({ name, due }) => [name, due.state]));
};

test('two runs exclude each other; an interrupted drill heals and is not taken for done; the next run does it', async () => {
  const before = trace();
  const folder = programme();
  const first = faildrill(folder, 'programme', 'run');
  let isOver = false;
  const over = first.finally(() => {
    isOver = true;
  });
  onTestFinished(async () => {
    first.kill('SIGINT');
    await over;
  });
  let said = '';
  first.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  /** Looks until something is so, or the run is over. */
  const until = async (isSo: () => boolean) => {
    while (!isOver && !isSo()) await sleep(50);
    expect(isOver, said).toBe(false);
  };
  await until(() => said.includes('1 of 2: pair-cut'));
  const second = await faildrill(folder, 'programme', 'run');
  expect(second).toMatchObject({ exitCode: 4, stdout: '' });
  expect(second.stderr).toContain('another run of a programme uses');

  await until(() => {
    const file = join(drilled(folder, 'long')[0] ?? folder, 'recording.ndjson');
    return existsSync(file) && readFileSync(file, 'utf8').includes('"action":"inject"');
  });
  first.kill('SIGINT');
  const { exitCode } = await over;
  expect(exitCode).toBe(130);
  const [interrupted = ''] = drilled(folder, 'long');
  expect(readFileSync(join(interrupted, 'recording.ndjson'), 'utf8')).toContain('"action":"clear"');
  expect(states(folder).long).not.toBe('done');
  await expectNothingLeft(before);

  // What a busy machine left undecided is still due as well.
  const pairs = drilled(folder, 'pair-cut').length;
  const isDone = states(folder)['pair-cut'] === 'done';
  for (let attempt = 1; attempt <= 3; attempt++) {
    const again = await faildrill(folder, 'programme', 'run');
    expect([0, 1, 2]).toContain(again.exitCode);
    if (Object.values(states(folder)).every((state) => state === 'done')) break;
  }
  expect(states(folder)).toEqual({ 'pair-cut': 'done', long: 'done' });
  if (isDone) expect(drilled(folder, 'pair-cut')).toHaveLength(pairs);
  expect(drilled(folder, 'long').length).toBeGreaterThan(1);

  const last = await faildrill(folder, 'programme', 'run');
  expect(last.exitCode).toBe(0);
  expect(last.stdout).toMatch(/^nothing is due; the next drill is to be done by \d{4}-\d\d-\d\d$/m);
});
