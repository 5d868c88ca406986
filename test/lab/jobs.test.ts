import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { DrillResult } from '../../src/analysis/result.js';
import { runningLabs } from '../../src/runtime/namespace/labs.js';
import { PAIR, SCENARIO, temporaryFolder } from '../fixtures/scenario.js';
import { faildrill } from './drill.js';
import { expectNothingLeft, trace } from './machine.js';

/** A scenario: its lab, how long its link is cut, what that is held against. */
interface Cut {
  lab: string;
  hold: string;
  target: string;
}

/** A folder with a scenario for each name. */
function drills(of: Record<string, Cut>): string {
  const folder = temporaryFolder();
  for (const [name, { lab, hold, target }] of Object.entries(of)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'pair.clab.yml'), PAIR.replace('name: pair', `name: ${lab}`));
    const text = SCENARIO.replace('pair-cut', name)
      .replace(/^title: .*$/m, `title: The link of ${name}`)
      .replace(
        'steady-state:\n  - app loses nothing for 200ms',
        'steady-state:\n  - app loses nothing for 3s',
      )
      .replace('hold: 300ms', `hold: ${hold}`)
      .replace('loss_of_connectivity(app) < 1s', target);
    writeFileSync(join(folder, name, `${name}.drill.yml`), text);
  }
  return folder;
}

const MET = 'loss_of_connectivity(app) < 1s';
const MISSED = 'loss_of_connectivity(app) < 100ms';

/** The drills that a folder of reports holds, in the order in which they began. */
const resultsIn = (out: string): DrillResult[] =>
  readdirSync(out, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => JSON.parse(readFileSync(join(out, name, 'result.json'), 'utf8')) as DrillResult)
    .sort((one, other) => Date.parse(one.started) - Date.parse(other.started));

/** The last verdict of each. */
const verdictsIn = (out: string) =>
  Object.fromEntries(resultsIn(out).map(({ name, verdict }) => [name, verdict]));

const endOf = ({ started, lasted }: DrillResult) => Date.parse(started) + lasted / 1e6;

test('side by side as one after the other: the same verdicts, what failed was repeated alone, and nothing is left', async () => {
  const before = trace();
  const folder = drills({
    one: { lab: 'jobs-one', hold: '300ms', target: MET },
    two: { lab: 'jobs-two', hold: '300ms', target: MISSED },
  });
  const serial = await faildrill(folder, 'run', '.', '--out', 'serial');
  expect({ code: serial.exitCode, verdicts: verdictsIn(join(folder, 'serial')) }).toEqual({
    code: 1,
    verdicts: { one: 'pass', two: 'fail' },
  });
  const summary = join(folder, 'summary.md');
  vi.stubEnv('GITHUB_STEP_SUMMARY', summary);
  onTestFinished(() => void vi.unstubAllEnvs());
  // The history knows what each costs, so they need not run alone first.
  const argv = ['run', '.', '--out', 'serial', '--jobs', '2'];
  const { exitCode, stdout, stderr } = await faildrill(folder, ...argv);
  expect(exitCode).toBe(1);
  const [, , first, second, ...again] = resultsIn(join(folder, 'serial'));
  expect(Math.max(Date.parse(first!.started), Date.parse(second!.started))).toBeLessThan(
    Math.min(endOf(first!), endOf(second!)),
  );
  expect(verdictsIn(join(folder, 'serial'))).toEqual({ one: 'pass', two: 'fail' });
  expect(again.map(({ name }) => name)).toContain('two');
  expect(Date.parse(again[0]!.started)).toBeGreaterThan(Math.max(endOf(first!), endOf(second!)));
  // Each line of progress says of which drill it is; each result is shown, and sent, once.
  for (const line of stderr.split('\n')) expect(line).toMatch(/^(one|two) {2}/);
  expect(stderr).toMatch(/^two {2}fail beside others \(.*\): to be repeated alone$/m);
  expect(stdout.match(/^(PASS|FAIL) /gm)?.sort()).toEqual(['FAIL ', 'PASS ']);
  const told = readFileSync(summary, 'utf8').match(/^# (.) .*(?:one|two)$/gm);
  expect(told?.sort()).toEqual(['# ✓ PASS: The link of one', '# ✗ FAIL: The link of two']);
  await expectNothingLeft(before);
});

test('what nobody knows the cost of runs alone; two in labs of one name never at once', async () => {
  const folder = drills({
    one: { lab: 'jobs-one', hold: '300ms', target: MET },
    two: { lab: 'jobs-two', hold: '300ms', target: MET },
    three: { lab: 'jobs-two', hold: '300ms', target: MET },
  });
  const { exitCode } = await faildrill(folder, 'run', '.', '--jobs', 'auto', '--out', 'out');
  expect(exitCode).toBe(0);
  const results = resultsIn(join(folder, 'out'));
  const inTwo = results.filter(({ lab }) => lab.name === 'jobs-two');
  expect(inTwo).toHaveLength(2);
  expect(endOf(inTwo[0]!)).toBeLessThan(Date.parse(inTwo[1]!.started));
  // The first of each lab was alone.
  const firsts = [inTwo[0]!, results.find(({ lab }) => lab.name === 'jobs-one')!];
  expect(firsts.map(endOf).sort()[0]).toBeLessThan(
    firsts.map(({ started }) => Date.parse(started)).sort()[1]!,
  );
  // The first listing makes the index.
  await faildrill(folder, 'history', '--in', 'out');
  const known = readFileSync(join(folder, 'out/index.ndjson'), 'utf8').trim().split('\n');
  for (const line of known)
    expect((JSON.parse(line) as { drill: { processors: number } }).drill.processors).toBeGreaterThan(0);
});

/** Starts two long drills side by side, their costs known; returns once both labs are up. */
async function twoUp() {
  const folder = drills({
    one: { lab: 'jobs-one', hold: '60s', target: MET },
    two: { lab: 'jobs-two', hold: '60s', target: MET },
  });
  mkdirSync(join(folder, 'reports'));
  // As an earlier drill would have left it.
  const known = ['one', 'two'].map((name) => ({
    ...{ v: 1, folder: `${name}-x`, bytes: 1, changed: 1, judgedBy: 'x' },
    drill: {
      name,
      started: '2026-01-01T00:00:00.000Z',
      lab: `jobs-${name}`,
      processors: 0.1,
      lasted: 0,
      trials: 0,
    },
  }));
  for (const { folder: name } of known) {
    mkdirSync(join(folder, 'reports', name));
    writeFileSync(join(folder, 'reports', name, 'recording.ndjson'), 'x');
  }
  const stamped = known.map((entry) => {
    const path = join(folder, 'reports', entry.folder, 'recording.ndjson');
    const { size, mtimeMs } = statSync(path);
    return JSON.stringify({ ...entry, bytes: size, changed: mtimeMs });
  });
  writeFileSync(join(folder, 'reports/index.ndjson'), `${stamped.join('\n')}\n`);
  const child = faildrill(folder, 'run', '.', '--jobs', '2');
  while (!['jobs-one', 'jobs-two'].every((lab) => runningLabs().includes(lab))) await sleep(50);
  await sleep(1000);
  // A promise of a promise would be waited for.
  return { child };
}

test('Ctrl-C ends all, says what they came to, and leaves nothing', async () => {
  const before = trace();
  const { child } = await twoUp();
  child.kill('SIGINT');
  const { exitCode, stdout } = await child;
  expect(exitCode).toBe(130);
  expect(stdout.match(/^INCONCLUSIVE /gm)).toHaveLength(2);
  await expectNothingLeft(before);
});

test('kill -9 leaves nothing', async () => {
  const before = trace();
  const { child } = await twoUp();
  child.kill('SIGKILL');
  await child;
  await expectNothingLeft(before);
});
