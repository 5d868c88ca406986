import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Comparison } from '../../src/analysis/comparison/result.js';
import { PAIR, SCENARIO, writeScenario } from '../fixtures/scenario.js';
import { type Drilled, drill, faildrill } from './drill.js';

/** As many trials as one target takes on each side, and one. */
const TRIALS = '6';

let folder: string;
let main: Drilled;

/** Runs the scenario with an outage of so many milliseconds. */
function outage(length: number, ...options: string[]): Promise<Drilled> {
  const topology = PAIR.replace('name: pair', 'name: gatepair');
  // Few packets and many attempts: a machine that stands still spoils trials, and this is about whole drills.
  const scenario = SCENARIO.replace('hold: 300ms', `hold: ${length}ms`)
    .replace('flows: 4, interval: 5ms', 'flows: 2, interval: 20ms')
    .replace('validation-time:', 'invalid-trials: 10\nvalidation-time:');
  const file = writeScenario(folder, scenario, topology);
  return drill(folder, file, '--trials', TRIALS, ...options);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
  main = await outage(300);
  writeFileSync(join(folder, 'main.json'), readFileSync(join(main.folder, 'result.json')));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the same again, held against the result of main: no regression, exit code 0', async () => {
  expect(main.code).toBe(0);
  const { code, stdout, folder: own } = await outage(300, '--baseline', join(folder, 'main.json'));
  expect(stdout).toMatch(/^NO REGRESSION {2}The link between two hosts is cut$/m);
  expect(code).toBe(0);
  const comparison = JSON.parse(readFileSync(join(own, 'comparison.json'), 'utf8')) as Comparison;
  expect(comparison).toMatchObject({
    risk: 0.01,
    tolerance: 0.1,
    baseline: { id: main.result.id, trials: 6 },
  });
});

test('a longer outage that still meets its target: a regression, exit code 1, unless it is tolerated', async () => {
  const slower = await outage(420, '--baseline', main.folder, '--tolerance', '20%');
  expect(slower.stdout).toMatch(/^PASS /m);
  expect(slower.stdout).toMatch(/^REGRESSION .*\n {6}worse: loss_of_connectivity\(app\)$/m);
  expect(slower.code).toBe(1);
  const tolerated = await outage(420, '--baseline', main.folder, '--tolerance', '60%');
  expect(tolerated.stdout).toMatch(/^NO REGRESSION /m);
  expect(tolerated.code).toBe(0);
  const { stdout } = await faildrill(folder, 'history', '--format', 'json');
  const { drills } = JSON.parse(stdout) as { drills: { folder: string }[] };
  expect(drills.map(({ folder }) => folder).sort()).toEqual(
    readdirSync(join(folder, 'reports'))
      .filter((name) => name.startsWith('pair-cut'))
      .sort(),
  );
});
