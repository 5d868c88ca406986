import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { exitCodeOf } from '../../src/cli/exit.js';
import { version } from '../../src/cli/version.js';
import { readRecording } from '../../src/recording/reader.js';
import { json } from '../../src/report/json.js';
import { type Manifest, writeManifest } from '../../src/shards/manifest.js';
import { PAIR, SCENARIO, temporaryFolder } from '../fixtures/scenario.js';
import { keep, recordingOf } from '../fixtures/store.js';
import { faildrill } from '../lab/drill.js';

/** How long the outage of a drill is, milliseconds: more than a second misses its target. */
type Outage = number | 'not run';

/** A folder with what shards left, each in a folder of its own: the drills of each by their names. */
async function shards(...drills: Record<string, Outage>[]): Promise<string> {
  const folder = temporaryFolder();
  const all = drills.flatMap((list, index) => Object.keys(list).map((name) => ({ name, shard: index + 1 })));
  const kept = new Map<string, { folder: string; code: number; sha256: string }>();
  for (const [index, list] of drills.entries())
    for (const [name, outage] of Object.entries(list)) {
      if (outage === 'not run') continue;
      const recording = recordingOf({ started: '2026-01-10T10:00:00.000Z', name, outages: [outage] });
      const path = keep(join(folder, `shard-${index + 1}`), `${name}-1`, recording);
      const result = analyze(readRecording(join(path, 'recording.ndjson')));
      writeFileSync(join(path, 'result.json'), String(await json.render(result)));
      kept.set(name, { folder: `${name}-1`, code: exitCodeOf(result), sha256: result.files[0]!.sha256 });
    }
  for (const [index, list] of drills.entries()) {
    writeManifest(join(folder, `shard-${index + 1}`), {
      faildrill: version,
      ...{ shard: index + 1, of: drills.length },
      plan: all.map(({ name, shard }) => ({
        ...{ file: `drills/${name}.drill.yml`, name, shard },
        sha256: kept.get(name)?.sha256 ?? '',
      })),
      drills: Object.entries(list).map(([name, outage]) =>
        outage === 'not run'
          ? { file: `drills/${name}.drill.yml`, code: 4, problem: 'no root privileges' }
          : { file: `drills/${name}.drill.yml`, code: kept.get(name)!.code, folder: `${name}-1` },
      ),
    });
  }
  return folder;
}

const manifestOf = (folder: string, shard: number): { file: string; manifest: Manifest } => {
  const name = readdirSync(join(folder, `shard-${shard}`)).find((one) => one.startsWith('shard-'))!;
  const file = join(folder, `shard-${shard}`, name);
  return { file, manifest: JSON.parse(readFileSync(file, 'utf8')) as Manifest };
};

/** Changes what a shard left. */
function change(folder: string, shard: number, by: (manifest: Manifest) => object): void {
  const { file, manifest } = manifestOf(folder, shard);
  writeFileSync(file, JSON.stringify({ ...manifest, ...by(manifest) }));
}

const merge = (folder: string, ...argv: string[]) =>
  faildrill(folder, 'merge', '.', '--out', 'merged', ...argv);

const xpath = (folder: string, expression: string): string =>
  execaSync('xmllint', ['--nonet', '--xpath', expression, join(folder, 'merged/junit.xml')]).stdout;

interface Merged {
  verdict: string;
  exitCode: number;
  drills: { name: string; shard: string; verdict: string; missing: boolean; folder?: string }[];
}
const mergedIn = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'merged/merged.json'), 'utf8')) as Merged;

test('all passed: one report, one JUnit file, one file of metrics, exit code 0', async () => {
  const folder = await shards({ a: 300, c: 200 }, { b: 400 }, {});
  const { exitCode, stdout } = await merge(folder);
  expect(exitCode).toBe(0);
  expect(stdout).toBe('PASS  3 drills: 3 passed\n\nreport  merged/index.html');
  expect(mergedIn(folder)).toMatchObject({
    verdict: 'pass',
    exitCode: 0,
    drills: [
      { name: 'a', shard: '1/3', folder: 'a-1' },
      { name: 'c', shard: '1/3', folder: 'c-1' },
      { name: 'b', shard: '2/3', folder: 'b-1' },
    ],
  });
  expect(
    xpath(folder, 'concat(count(//testsuite), "/", count(//testcase), "/", count(//failure|//error))'),
  ).toBe('3/6/0');
  const page = readFileSync(join(folder, 'merged/index.html'), 'utf8');
  for (const name of ['a', 'b', 'c']) expect(page).toContain(`<a href="${name}-1/report.html">${name}</a>`);
  const parser =
    'import sys; from prometheus_client.openmetrics import parser; print([(s.labels["drill"], int(s.value)) for f in parser.text_string_to_metric_families(sys.stdin.read()) for s in f.samples if s.name == "faildrill_drill_verdict" and s.labels["verdict"] == "pass"])';
  const metrics = readFileSync(join(folder, 'merged/metrics.om'), 'utf8');
  const { stdout: parsed } = execaSync('/usr/bin/python3', ['-c', parser], { input: metrics });
  expect(parsed).toBe("[('a', 1), ('c', 1), ('b', 1)]");
  // What was merged is a history.
  const history = await faildrill(folder, 'history', '--in', 'merged');
  expect(
    history.stdout
      .split('\n')
      .map((line) => line.split(/\s+/).at(-1))
      .sort(),
  ).toEqual(['a-1', 'b-1', 'c-1']);
  expect(JSON.parse(readFileSync(join(folder, 'merged/durations.json'), 'utf8'))).toMatchObject({
    trial: { a: expect.any(Number), b: expect.any(Number), c: expect.any(Number) },
  });
});

test.each([
  ['a drill that failed', [{ a: 300 }, { b: 1500 }], 1, 'FAIL  2 drills: 1 passed, 1 failed'],
  [
    'one that could not be run',
    [{ a: 300 }, { b: 'not run' }],
    4,
    'INCONCLUSIVE  2 drills: 1 passed, 1 inconclusive',
  ],
  [
    'both: the failure counts',
    [{ a: 1500 }, { b: 'not run' }],
    1,
    'FAIL  2 drills: 1 failed, 1 inconclusive',
  ],
] as [string, Record<string, Outage>[], number, string][])('%s', async (_, drills, code, headline) => {
  const folder = await shards(...drills);
  const { exitCode, stdout } = await merge(folder);
  expect({ exitCode, headline: stdout.split('\n')[0] }).toEqual({ exitCode: code, headline });
  expect(xpath(folder, 'count(//testsuite[testcase[failure or error]])')).toBe(
    String(drills.flatMap((list) => Object.values(list)).filter((outage) => outage !== 300).length),
  );
});

describe('what is missing is a failure by name', () => {
  test('a shard', async () => {
    const folder = await shards({ a: 300 }, { b: 300, c: 300 });
    rmSync(join(folder, 'shard-2'), { recursive: true });
    const { exitCode, stdout } = await merge(folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      'FAIL  3 drills: 1 passed, 2 missing\n  ✗ shard 2/2 left no result: b, c are missing\n',
    );
    expect(xpath(folder, 'string(//testsuite[@name="shard 2/2"]//failure/@message)')).toBe(
      'shard 2/2 left no result; it was to run 2 drills',
    );
    expect(xpath(folder, 'count(//testsuite[@name="b" or @name="c"]//failure)')).toBe('2');
  });

  test('a shard that had nothing to run', async () => {
    const folder = await shards({ a: 300 }, {});
    rmSync(join(folder, 'shard-2'), { recursive: true });
    const { exitCode, stdout } = await merge(folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('shard 2/2 left no result; it had nothing to run');
  });

  test('a drill that its shard did not come to', async () => {
    const folder = await shards({ a: 300, b: 300 });
    change(folder, 1, ({ drills }) => ({ drills: drills.slice(0, 1) }));
    const { exitCode, stdout } = await merge(folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      '✗ shard 1/1 ended after 1 of 2 drills: b is missing\n  ✗ b  1/1  shard 1/1 ended before this drill did',
    );
  });

  test('a drill whose folder did not come along', async () => {
    const folder = await shards({ a: 300 }, { b: 300 });
    rmSync(join(folder, 'shard-2/b-1'), { recursive: true });
    const { exitCode, stdout } = await merge(folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('b  2/2  its folder b-1 is missing in what shard 2/2 left');
  });

  test('a drill in whose folder another one is', async () => {
    const folder = await shards({ a: 300 }, { b: 300 });
    change(folder, 1, ({ plan }) => ({ plan: plan.map((drill) => ({ ...drill, sha256: 'x' })) }));
    change(folder, 2, ({ plan }) => ({ plan: plan.map((drill) => ({ ...drill, sha256: 'x' })) }));
    const { exitCode, stdout } = await merge(folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('its folder b-1 holds a drill of b with another text');
  });
});

test('a result that was lost is judged again by its recording', async () => {
  const folder = await shards({ a: 300 });
  rmSync(join(folder, 'shard-1/a-1/result.json'));
  expect((await merge(folder)).stdout).toContain('PASS  1 drills'.replace('drills', 'drill'));
});

test('into the folder that the shards share: nothing is copied', async () => {
  const folder = await shards({ a: 300 }, { b: 300 });
  for (const shard of ['shard-1', 'shard-2'])
    cpSync(join(folder, shard), join(folder, 'reports'), { recursive: true });
  const before = readdirSync(join(folder, 'reports'));
  const { exitCode } = await faildrill(folder, 'merge', 'reports', '--out', 'reports');
  expect(exitCode).toBe(0);
  const added = readdirSync(join(folder, 'reports')).filter((name) => !before.includes(name));
  expect(added.sort()).toEqual(
    [
      'durations.json',
      'index.html',
      'index.ndjson',
      'junit.xml',
      'merged.json',
      'metrics.om',
      'metrics.prom',
      'report.md',
    ].sort(),
  );
});

test('two drills of one name in one second both stay', async () => {
  const folder = await shards({ a: 300 }, { b: 300 });
  cpSync(join(folder, 'shard-2/b-1'), join(folder, 'shard-2/a-1'), { recursive: true });
  change(folder, 2, ({ drills }) => ({ drills: drills.map((drill) => ({ ...drill, folder: 'a-1' })) }));
  expect((await merge(folder)).exitCode).toBe(0);
  expect(mergedIn(folder).drills.map((drill) => drill.folder)).toEqual(['a-1', 'a-1-2']);
});

describe('what cannot be merged: exit code 3, and nothing is written', () => {
  const drills = [{ a: 300 }, { b: 300 }] as const;
  test.each([
    [
      'a shard twice',
      (folder: string) => cpSync(join(folder, 'shard-2'), join(folder, 'again'), { recursive: true }),
      'shard-2/shard-2-of-2.json:1:1: shard 2/2 is there twice: also again/shard-2-of-2.json',
    ],
    [
      'two that overlap',
      (folder: string) =>
        change(folder, 2, ({ plan }) => ({ plan: plan.map((drill) => ({ ...drill, shard: 2 })) })),
      'drills/a.drill.yml is in shard 2/2, not in 1/2: give every shard the same --durations, unlike',
    ],
    [
      'one that has more drills',
      (folder: string) =>
        change(folder, 2, ({ plan }) => ({
          plan: [...plan, { file: 'x', name: 'x', sha256: '', shard: 2 }],
        })),
      'x is in a shard, unlike shard-1/shard-1-of-2.json',
    ],
    [
      'one that lacks a drill',
      (folder: string) => change(folder, 2, ({ plan }) => ({ plan: plan.slice(1) })),
      'drills/a.drill.yml is in no shard, unlike',
    ],
    [
      'a scenario that was changed in between',
      (folder: string) =>
        change(folder, 2, ({ plan }) => ({ plan: plan.map((drill) => ({ ...drill, sha256: 'x' })) })),
      'drills/a.drill.yml is another text, unlike',
    ],
    [
      'another number of shards',
      (folder: string) => change(folder, 2, () => ({ of: 3 })),
      'one of 3 shards, not of 2, unlike',
    ],
    [
      'another run',
      (folder: string) => change(folder, 2, () => ({ run: '17' })),
      'of run 17, not unknown, unlike',
    ],
    [
      'another version of faildrill',
      (folder: string) => change(folder, 2, () => ({ faildrill: '9.9.9' })),
      `run by faildrill 9.9.9, not ${version}, unlike`,
    ],
    [
      'another version of the format',
      (folder: string) => change(folder, 2, () => ({ version: 2 })),
      'left by a newer version of faildrill (shard format 2, this one reads 1): merge with the version that ran the shards',
    ],
    [
      'a result of another version',
      (folder: string) => {
        const file = join(folder, 'shard-2/b-1/result.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"version": 1', '"version": 7'));
      },
      'shard-2/b-1/result.json:1:1: made by a newer version of faildrill (result 7, this one reads 1)',
    ],
    [
      'a drill that another shard was to run',
      (folder: string) =>
        change(folder, 2, ({ drills }) => ({ drills: [...drills, { file: 'drills/a.drill.yml', code: 0 }] })),
      'drills/a.drill.yml is not a drill of shard 2/2',
    ],
    [
      'a drill twice',
      (folder: string) => change(folder, 2, ({ drills }) => ({ drills: [...drills, ...drills] })),
      'drills/b.drill.yml stands here twice',
    ],
    [
      'a folder elsewhere',
      (folder: string) =>
        change(folder, 2, ({ drills }) => ({
          drills: drills.map((drill) => ({ ...drill, folder: '../a-1' })),
        })),
      'expected the name of a folder',
    ],
    [
      'a file that is cut off',
      (folder: string) => {
        const { file } = manifestOf(folder, 2);
        writeFileSync(file, readFileSync(file, 'utf8').slice(0, 60));
      },
      'shard-2/shard-2-of-2.json:',
    ],
    [
      'no shard at all',
      (folder: string) => {
        for (const shard of ['shard-1', 'shard-2']) rmSync(join(folder, shard), { recursive: true });
      },
      '.:1:1: no shard left a result here',
    ],
    [
      'a folder for the result that holds something else',
      (folder: string) => {
        mkdirSync(join(folder, 'merged'));
        writeFileSync(join(folder, 'merged/notes'), '');
      },
      'merged:1:1: there is something in this folder already',
    ],
  ])('%s', async (_, spoil, message) => {
    const folder = await shards(...drills);
    spoil(folder);
    const { exitCode, stdout, stderr } = await merge(folder);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(message);
    expect(existsSync(join(folder, 'merged/merged.json'))).toBe(false);
  });
});

describe('run --shard', () => {
  /** A folder with two scenarios. */
  function twoDrills(): string {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'drills'));
    writeFileSync(join(folder, 'drills/pair.clab.yml'), PAIR);
    for (const [name, trials] of [
      ['x', 1],
      ['y', 3],
    ] as const) {
      const text = SCENARIO.replace('name: pair-cut', `name: ${name}\ntrials: ${trials}`);
      writeFileSync(join(folder, `drills/${name}.drill.yml`), text);
    }
    return folder;
  }
  const planOf = (folder: string) =>
    (JSON.parse(readFileSync(join(folder, 'reports/shard-3-of-3.json'), 'utf8')) as Manifest).plan;

  test('more shards than drills: one with nothing to run passes, and knows what the others have', async () => {
    const folder = twoDrills();
    const { exitCode, stderr } = await faildrill(folder, 'run', 'drills', '--shard', '3/3');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'shard 3/3: nothing to run' });
    const sha256 = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(folder, `drills/${name}.drill.yml`)))
        .digest('hex');
    expect(planOf(folder)).toEqual([
      { file: 'drills/x.drill.yml', name: 'x', sha256: sha256('x'), shard: 1 },
      { file: 'drills/y.drill.yml', name: 'y', sha256: sha256('y'), shard: 2 },
    ]);
  });

  test('the longest first: by a history, or by what a merge left', async () => {
    const folder = twoDrills();
    const store = join(folder, 'earlier');
    keep(store, 'x-1', recordingOf({ started: '2026-01-10T10:00:00.000Z', name: 'x', outages: [100] }));
    keep(store, 'y-1', recordingOf({ started: '2026-01-10T10:00:00.000Z', name: 'y', outages: [100] }));
    writeFileSync(join(folder, 'durations.json'), '{"version": 1, "trial": {"x": 5, "y": 50}}');
    await faildrill(folder, 'run', 'drills', '--shard', '3/3', '--durations', 'durations.json');
    expect(planOf(folder).map(({ shard }) => shard)).toEqual([2, 1]);
    await faildrill(folder, 'run', 'drills', '--shard', '3/3', '--durations', 'earlier');
    // A trial of both takes the same, but there are three of one.
    expect(planOf(folder).map(({ shard }) => shard)).toEqual([2, 1]);
    const { stderr } = await faildrill(
      folder,
      'run',
      'drills',
      '--shard',
      '3/3',
      '--durations',
      'nowhere.json',
    );
    expect(stderr).toContain('nowhere.json is not there: every drill counts the same');
    expect(planOf(folder).map(({ shard }) => shard)).toEqual([1, 2]);
  });

  test.each([
    [['--shard', '0/3'], 'expected which of how many, from 1 on, as 2/4'],
    [['--shard', '4/3'], 'expected which of how many, from 1 on, as 2/4'],
    [['--shard', '2'], 'expected which of how many, from 1 on, as 2/4'],
    [['--durations', 'x'], 'error --durations is for splitting drills: it needs --shard'],
  ])('%j', async (options, message) => {
    const { exitCode, stderr } = await faildrill(twoDrills(), 'run', 'drills', ...options);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(message);
  });
});
