import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { ownTemplate } from '../../src/cli/own-template.js';
import { simulateTrials } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

const EVENTS = simulateTrials([300e6]);

function template(text: string, name = 'mail.md.hbs') {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

const NAME = `<b>"x"</b> & 'q', ü 😀`;
const filled = (text: string, name?: string) =>
  ownTemplate(template(text, name)).render({ ...analyze(EVENTS), title: NAME });

test('it is filled with the result, and with what the page shows', () => {
  const text = '{{title}}: {{result.verdict}}{{#each targets}} {{sign}} {{text}} {{shown}}{{/each}}';
  expect(filled(text)).toMatch(
    /^<b>"x"<\/b> & 'q', ü 😀: pass ✓ loss_of_connectivity\(app\) < 1s 300 ms \[.*\]$/,
  );
});

test('names are escaped in markup, and only there', () => {
  expect(filled('{{title}}', 'page.html.hbs')).toBe(
    '&lt;b&gt;&quot;x&quot;&lt;/b&gt; &amp; &#x27;q&#x27;, ü 😀',
  );
  expect(filled('{{title}}', 'mail.txt.hbs')).toBe(NAME);
});

test.each([
  ['a block that is not closed', 'a\n{{#each targets}}\n{{text}}\n', /:\d+:\d+: not Handlebars/],
  [
    'a block that another one closes',
    'a\n{{#each targets}}{{/if}}',
    /:2:\d+: not Handlebars: each doesn't match if/,
  ],
  ['half an expression', 'a\nb {{title', /:2:\d+: not Handlebars/],
])('%s is said before anything is run, with its line', (_, text, message) => {
  const file = template(text);
  expect(() => ownTemplate(file)).toThrow(new RegExp(`^${file}${message.source}`));
});

test('a name that there is not is said, with line and column', () => {
  expect(() => filled('a\n b {{titel}}')).toThrow(/mail\.md\.hbs:2:6: there is no "titel" here$/);
  expect(() => filled('{{#each targets}}\n{{limmit}}{{/each}}')).toThrow(/:2:3: there is no "limmit" here$/);
});

test.each([
  ['report.html.hbs', /report\.html is one of the drill's own reports/],
  ['mail.md', /for mail\.md it is mail\.md\.hbs/],
])('%s is refused', (name, message) => {
  expect(() => ownTemplate(template('x', name))).toThrow(message);
});

test("a mistake in it costs nothing else: the other reports are written, the exit code is the drill's", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'x.ndjson'), EVENTS.map((event) => `${JSON.stringify(event)}\n`).join(''));
  writeFileSync(join(folder, 'good.txt.hbs'), '{{result.verdict}}\n');
  writeFileSync(join(folder, 'wrong.txt.hbs'), '\n{{nothing}}');
  writeFileSync(join(folder, 'broken.txt.hbs'), '{{#if}');
  const run = (name: string) => faildrill(folder, 'analyze', 'x.ndjson', '--out', 'out', '--template', name);
  expect(await run('good.txt.hbs')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(readFileSync(join(folder, 'out/good.txt'), 'utf8')).toBe('pass\n');
  const wrong = await run('wrong.txt.hbs');
  expect(wrong.exitCode).toBe(0);
  expect(wrong.stderr).toContain(
    'wrong.txt could not be written: wrong.txt.hbs:2:3: there is no "nothing" here',
  );
  expect(existsSync(join(folder, 'out/report.html'))).toBe(true);
  const broken = await run('broken.txt.hbs');
  expect(broken).toMatchObject({ exitCode: 3, stdout: '' });
  expect(broken.stderr).toMatch(/broken\.txt\.hbs:1:\d+: not Handlebars/);
});
