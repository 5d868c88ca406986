import { appendFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { summaryOf } from '../../src/history/entry.js';
import { isInStore, noteDrill, readStore } from '../../src/history/store.js';
import { packageFile } from '../../src/paths.js';
import { readRecording } from '../../src/recording/reader.js';
import { targets } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { keep, recordingOf } from '../fixtures/store.js';

/** Reads a store; says which recordings had to be judged for that. */
function read(store: string, { version = '1', rebuild = false } = {}) {
  const judged: string[] = [];
  const { entries, problem } = readStore(store, {
    version,
    rebuild,
    notice: ({ folder }) => judged.push(folder),
  });
  return { entries: entries.sort((a, b) => (a.folder < b.folder ? -1 : 1)), problem, judged };
}

const index = (store: string) => readFileSync(join(store, 'index.ndjson'), 'utf8');
const ONE = recordingOf({ started: '2026-01-01T00:00:00.000Z' });
const TWO = recordingOf({ started: '2026-01-02T00:00:00.000Z', outages: [400, 500] });

test('what the recordings say, and the same from the index, which costs no judging', () => {
  const store = temporaryFolder();
  keep(store, 'one', ONE);
  keep(store, 'two', TWO);
  writeFileSync(join(store, 'trend.html'), 'no drill');
  mkdirSync(join(store, 'sample'));
  const first = read(store);
  expect(first.judged).toEqual(['one', 'two']);
  const recording = join(store, 'two/recording.ndjson');
  expect(first.entries[1]!.drill).toEqual(summaryOf(analyze(readRecording(recording))));
  expect(first.entries[1]!.drill).toMatchObject({ name: 'pair-cut', verdict: 'pass', trials: 2 });
  expect(read(store)).toEqual({ ...first, judged: [] });
});

test('an endless figure is endless again', () => {
  const store = temporaryFolder();
  keep(
    store,
    'one',
    recordingOf({
      started: '2026-01-01T00:00:00.000Z',
      outages: [9000],
      scenario: targets('recovery_time(app) < 1s'),
    }),
  );
  const { entries } = read(store);
  expect(read(store).entries).toEqual(entries);
  const [target] = entries[0]!.drill!.targets;
  expect(target).toMatchObject({
    measured: { value: Number.POSITIVE_INFINITY, upper: Number.POSITIVE_INFINITY },
  });
});

test('a drill that is gone, is new, or was changed; a lost index', () => {
  const store = temporaryFolder();
  for (const folder of ['gone', 'kept', 'changed']) keep(store, folder, ONE);
  read(store);
  rmSync(join(store, 'gone'), { recursive: true });
  keep(store, 'new', TWO);
  keep(store, 'changed', TWO);
  const { entries, judged } = read(store);
  expect(judged.sort()).toEqual(['changed', 'new']);
  expect(entries.map(({ folder, drill }) => [folder, drill!.trials])).toEqual([
    ['changed', 2],
    ['kept', 1],
    ['new', 2],
  ]);
  rmSync(join(store, 'index.ndjson'));
  expect(read(store).entries).toEqual(entries);
  expect(read(store, { rebuild: true }).judged).toHaveLength(3);
  expect(index(store).trim().split('\n')).toHaveLength(3);
  // The same size at another time is another recording.
  utimesSync(join(store, 'kept/recording.ndjson'), 1, 1);
  expect(read(store).judged).toEqual(['kept']);
});

test('an index that a crash cut off in the middle of a line, or that somebody damaged', () => {
  const store = temporaryFolder();
  for (const folder of ['a', 'b', 'c']) keep(store, folder, ONE);
  const { entries } = read(store);
  const lines = index(store).split('\n');
  writeFileSync(
    join(store, 'index.ndjson'),
    `null\n{"v":99}\nrubbish\n${lines[0]}\n${lines[1]!.slice(0, 80)}`,
  );
  expect(read(store)).toEqual({ entries, problem: undefined, judged: ['b', 'c'] });
  expect(read(store)).toEqual({ entries, problem: undefined, judged: [] });
});

test('an index with more dead lines than that is worth is written anew', () => {
  const store = temporaryFolder();
  keep(store, 'one', ONE);
  const { entries } = read(store);
  const [line] = index(store).split('\n');
  appendFileSync(join(store, 'index.ndjson'), `${line}\n`.repeat(1500));
  expect(read(store)).toEqual({ entries, problem: undefined, judged: [] });
  expect(index(store)).toBe(`${line}\n`);
});

test.each([
  ['cut off before the lab', ONE.slice(0, 300), 'the recording ends before'],
  ['cut off in the first line', ONE.slice(0, 30), 'not a recording: it has no complete line'],
  ['empty', '', 'not a recording: it has no complete line'],
  [
    'of a newer version',
    ONE.replace('"version":1', '"version":7'),
    'made by a newer version of faildrill (format 7, this one reads 1)',
  ],
  [
    'of an older version',
    ONE.replace('"version":1', '"version":0'),
    'made by an older version of faildrill (format 0, this one reads 1)',
  ],
  ['damaged', ONE.replace('\n{"k":"lab"', '\n{"k:"lab"'), 'line 4: this line is damaged'],
])(
  'a recording that is %s: said in words, and looked at again by another version of faildrill',
  (_, text, problem) => {
    const store = temporaryFolder();
    keep(store, 'broken', text);
    keep(store, 'whole', ONE);
    const { entries } = read(store);
    expect(entries[0]).toMatchObject({
      folder: 'broken',
      problem: expect.stringContaining(problem) as string,
    });
    expect(entries[0]).not.toHaveProperty('drill');
    expect(entries[1]!.drill!.verdict).toBe('pass');
    expect(read(store).judged).toEqual([]);
    expect(read(store, { version: '2' }).judged).toEqual(['broken']);
  },
);

test('a recording cut off in the middle of a line, or without a trial, is a drill all the same', () => {
  const store = temporaryFolder();
  const at = TWO.indexOf('"k":"trial-end"');
  keep(store, 'cut', TWO.slice(0, at + 20));
  keep(store, 'none', ONE.slice(0, ONE.indexOf('{"k":"lab"')));
  const { entries } = read(store);
  expect(entries.map(({ drill }) => drill)).toMatchObject([
    { outcome: 'killed', verdict: 'inconclusive', reason: 'the recording ends in the middle of the drill' },
    { outcome: 'killed', verdict: 'inconclusive', trials: 0 },
  ]);
});

test('a store that cannot be written is read, and that is said', () => {
  const store = temporaryFolder();
  keep(store, 'one', ONE);
  mkdirSync(join(store, 'index.ndjson'));
  const { entries, problem } = read(store);
  expect(entries).toHaveLength(1);
  expect(problem).toMatch(/^the index of .* cannot be written \(EISDIR\)/);
});

test('a drill is noted only where there is an index, and the last word counts', () => {
  const store = temporaryFolder();
  const recording = join(keep(store, 'one', ONE), 'recording.ndjson');
  expect(isInStore(recording)).toBe(false);
  read(store);
  expect(isInStore(recording)).toBe(true);
  expect(isInStore(join(store, 'one/copy.ndjson'))).toBe(false);
  noteDrill(recording, { ...analyze(readRecording(recording)), title: 'judged again' }, '2');
  const { entries, judged } = read(store);
  expect(judged).toEqual([]);
  expect(entries[0]).toMatchObject({ judgedBy: '2', drill: { title: 'judged again' } });
});

test('several drills note themselves at once: no line is mixed with another, none is lost', async () => {
  const store = temporaryFolder();
  const folders = Array.from({ length: 4 }, (_, index) => `drill${index}`);
  for (const folder of folders) keep(store, folder, ONE);
  writeFileSync(join(store, 'index.ndjson'), '');
  const writer = `
    import { analyze } from './dist/analysis/analyze.js';
    import { readRecording } from './dist/recording/reader.js';
    import { noteDrill } from './dist/history/store.js';
    const result = analyze(readRecording(process.argv[1]));
    for (let time = 0; time < 200; time++) noteDrill(process.argv[1], { ...result, title: 'long '.repeat(time * 20) }, '1');
  `;
  await Promise.all(
    folders.map((folder) =>
      execa(
        process.execPath,
        ['--input-type=module', '--eval', writer, join(store, folder, 'recording.ndjson')],
        {
          cwd: packageFile('.'),
        },
      ),
    ),
  );
  const lines = index(store)
    .split('\n')
    .filter((line) => line !== '');
  expect(lines).toHaveLength(800);
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  expect(read(store).judged).toEqual([]);
});
