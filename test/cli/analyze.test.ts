import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyze as judge } from '../../src/analysis/analyze.js';
import type { DrillResult } from '../../src/analysis/result.js';
import type { Event } from '../../src/recording/events.js';
import { simulate } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

const MS = 1e6;
const REPORTS = ['junit.xml', 'metrics.om', 'metrics.prom', 'report.html', 'report.md', 'result.json'];

/** A drill with an outage of 300 ms; the scenario allows one of a second. */
const DRILL = simulate({
  end: 4000 * MS,
  passes: (at) => at < 1000 * MS || at >= 1300 * MS,
  scenario: { 'validation-time': 500 * MS },
  faults: [
    { action: 'inject', before: 1000 * MS, after: 1001 * MS },
    { action: 'clear', before: 2000 * MS, after: 2001 * MS },
  ],
});
const written = (events: readonly Event[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const TEXT = written(DRILL);

/** Judges a recording of this text by the real command line. */
async function analyze(text: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'x.ndjson'), text);
  const { exitCode, stdout, stderr } = await faildrill(folder, 'analyze', 'x.ndjson', '--out', 'out');
  return { exitCode, stdout, stderr, out: join(folder, 'out') };
}

const result = (out: string) => JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as DrillResult;

test('a recording is judged, and reported where --out says', async () => {
  const { exitCode, stdout, stderr, out } = await analyze(TEXT);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^\s*PASS {2}The link between two hosts is cut/);
  expect(stdout).toContain('report  out/report.html');
  expect(readdirSync(out).sort()).toEqual(REPORTS);
});

test('a folder that holds a recording gets its reports beside it', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'drill'));
  writeFileSync(join(folder, 'drill/recording.ndjson'), TEXT);
  expect((await faildrill(folder, 'analyze', 'drill')).exitCode).toBe(0);
  expect(readdirSync(join(folder, 'drill')).sort()).toEqual([...REPORTS, 'recording.ndjson'].sort());
});

describe('what is no recording: one message, exit code 3, no report', () => {
  const [header, scenario, topology] = DRILL.map((event) => written([event]));
  test.each([
    ['nothing in it', '', 'x.ndjson:1:1: not a recording: it has no complete line'],
    ['something else', 'name: pair-cut\n', 'x.ndjson:1:1: not a recording'],
    ['a report', '{\n  "version": 1\n}\n', 'x.ndjson:1:1: not a recording'],
    ['a damaged line', `${header}${scenario}${topology}{"k":\n`, 'x.ndjson:4:1: this line is damaged'],
    [
      'cut off before the lab',
      `${header}${scenario}${topology!.slice(0, 40)}`,
      'x.ndjson:1:1: the recording ends before the lab was described',
    ],
    [
      'of another version',
      '{"k":"recording","version":99}\n',
      'x.ndjson:1:1: made by a newer version of faildrill',
    ],
  ])('%s', async (_, text, message) => {
    const { exitCode, stdout, stderr, out } = await analyze(text);
    expect({ exitCode, stdout, written: existsSync(out) }).toEqual({
      exitCode: 3,
      stdout: '',
      written: false,
    });
    expect(stderr.split('\n')).toEqual([expect.stringContaining(`error ${message}`)]);
  });

  test.each([
    ['no such file', 'nowhere.ndjson', 'nowhere.ndjson:1:1: there is no such file'],
    ['a folder without one', '.', 'recording.ndjson:1:1: there is no such file'],
  ])('%s', async (_, path, message) => {
    const folder = temporaryFolder();
    const { exitCode, stderr } = await faildrill(folder, 'analyze', path);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: `error ${message}` });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a recording that ends in the middle is inconclusive, never a pass', () => {
  const DESCRIBED = DRILL.findIndex(({ k }) => k === 'topology') + 1;

  test('by the real command line', async () => {
    const { exitCode, stdout, out } = await analyze(TEXT.slice(0, -40));
    expect(exitCode).toBe(2);
    expect(stdout).toContain('INCONCLUSIVE');
    expect(stdout).toContain('the recording ends in the middle of the drill');
    expect(result(out)).toMatchObject({ outcome: 'killed', verdict: 'inconclusive' });
  });

  test('wherever it ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: DESCRIBED, max: DRILL.length - 1 }), (length) => {
        const { outcome, verdict } = judge(DRILL.slice(0, length));
        expect({ outcome, verdict }).toEqual({ outcome: 'killed', verdict: 'inconclusive' });
      }),
      { numRuns: 30 },
    );
  });
});

describe('a recording that was changed after the drill', () => {
  /** As the drill leaves it. */
  function sealed(): string {
    const [header, ...rest] = DRILL;
    const text = written([{ ...header, sealed: true } as Event, ...rest]);
    return `${text}${written([{ k: 'seal', sha256: createHash('sha256').update(text).digest('hex') }])}`;
  }

  test('an unchanged one is said to be that, in every report that people read', async () => {
    const { exitCode, out } = await analyze(sealed());
    expect(exitCode).toBe(0);
    expect(result(out).recording).toMatchObject({ seal: 'intact', sha256: digest(sealed()) });
    for (const file of ['report.md', 'report.html']) {
      const text = readFileSync(join(out, file), 'utf8');
      expect(text).toContain('The recording is as the drill wrote it');
      expect(text).toContain(digest(sealed()));
    }
  });

  test.each([
    ['a figure', (text: string) => text.replace('"before":1000000000', '"before":1000000001')],
    ['no seal', (text: string) => text.replace(/\{"k":"seal".*\n/, '')],
  ])('%s: nothing is decided by it', async (_, change) => {
    const { exitCode, stdout, out } = await analyze(change(sealed()));
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/INCONCLUSIVE[\s\S]*the recording was changed after the drill/);
    expect(result(out)).toMatchObject({
      verdict: 'inconclusive',
      recording: { altered: expect.any(String) },
    });
  });

  test('show and compare say so as well', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'good.ndjson'), sealed());
    writeFileSync(join(folder, 'bad.ndjson'), sealed().replace('"before":1000000000', '"before":1000000001'));
    const shown = await faildrill(folder, 'show', 'bad.ndjson');
    expect(shown.stdout).toContain('the recording was changed after the drill');
    const compared = await faildrill(folder, 'compare', 'good.ndjson', 'bad.ndjson');
    expect(compared.exitCode).toBe(2);
    expect(compared.stdout).toMatch(/CANNOT TELL[\s\S]*! change: the recording was changed after the drill/);
  });

  test('an older one without a seal is judged, and said to have none', async () => {
    const { exitCode, out } = await analyze(TEXT);
    expect(exitCode).toBe(0);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('of a version that wrote no SHA-256');
  });

  test('one that was cut off is no more than that', async () => {
    const text = sealed();
    const { exitCode, out } = await analyze(text.slice(0, text.indexOf('{"k":"end"') + 5));
    expect(exitCode).toBe(2);
    expect(result(out)).toMatchObject({ outcome: 'killed', recording: { seal: 'missing' } });
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('The recording was cut off');
  });
});

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
