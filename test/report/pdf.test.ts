import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { findChromium } from '../../src/linux/chromium-command.js';
import { compiled } from '../../src/paths.js';
import { simulate } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';

const MS = 1e6;
const TITLE = `<b>"cut"</b> & 'q', ü | * %41 #1`;

/** Judges a drill whose folder has a name that is not a plain address, and asks for a PDF. */
async function analyze(env: Record<string, string> = {}) {
  const folder = temporaryFolder();
  const events = simulate({
    end: 4000 * MS,
    passes: (at) => at < 1000 * MS || at >= 1300 * MS,
    scenario: { 'validation-time': 500 * MS, title: TITLE },
    faults: [
      { action: 'inject', before: 1000 * MS, after: 1001 * MS },
      { action: 'clear', before: 2000 * MS, after: 2001 * MS },
    ],
  });
  writeFileSync(join(folder, 'x.ndjson'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const { exitCode, stderr } = await execa(
    process.execPath,
    [compiled('cli/main'), 'analyze', 'x.ndjson', '--out', 'a #1 ü%41', '--pdf'],
    { cwd: folder, reject: false, env },
  );
  return { exitCode, stderr, pdf: join(folder, 'a #1 ü%41/report.pdf') };
}

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('faildrill-chromium-'));

test('the report as a PDF: read by another program, its pages are A4 or Letter, and nothing is left', async () => {
  const before = leftovers();
  const { exitCode, stderr, pdf } = await analyze();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
  expect(text).toContain(TITLE);
  expect(text).toMatch(/loss_of_connectivity\(app\) < 1s +300 ms \[29\d ms, 30\d ms\]/);
  expect(text).not.toContain('file://');
  expect(leftovers()).toEqual(before);
});

test.each([
  [
    'no Chromium',
    { PATH: '/nowhere', CHROME_PATH: '' },
    /^no PDF: there is no Chromium; apt-get install chromium,/,
  ],
  ['no such program', { CHROME_PATH: '/nowhere/chromium' }, /^no PDF: .*\/nowhere\/chromium.*ENOENT/],
  ['a program that is none', { CHROME_PATH: '/bin/false' }, /^no PDF: \/bin\/false: .*exit code 1/],
  ['a program that prints nothing', { CHROME_PATH: '/bin/true' }, /^no PDF: \/bin\/true: exit code 0/],
])('%s: said in one line, and the drill is not failed', async (_, env, message) => {
  const { exitCode, stderr, pdf } = await analyze(env);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(message);
  expect(stderr.split('\n')).toHaveLength(1);
  expect(existsSync(pdf)).toBe(false);
});

test('it is looked for in PATH, by the names that it has; CHROME_PATH goes first', () => {
  const [folder, other] = [temporaryFolder(), temporaryFolder()];
  for (const path of [join(other, 'google-chrome'), join(folder, 'chromium-browser')]) {
    writeFileSync(path, '');
    chmodSync(path, 0o755);
  }
  const PATH = `${other}::${folder}`;
  expect(findChromium({ PATH })).toBe(join(folder, 'chromium-browser'));
  expect(findChromium({ PATH: other })).toBe(join(other, 'google-chrome'));
  expect(findChromium({ PATH, CHROME_PATH: '/opt/chrome' })).toBe('/opt/chrome');
  expect(findChromium({ PATH: '/nowhere' })).toBeUndefined();
});
