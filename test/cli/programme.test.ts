import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { compiled } from '../../src/paths.js';
import { FINDINGS, PROGRAMME, writeProgramme } from '../fixtures/programme.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { keep, recordingOf } from '../fixtures/store.js';
import { faildrill } from '../lab/drill.js';

/** A folder with a programme, and the drills that were done: how long each one's outage was, by its day. */
function exercised(
  drills: Record<string, number[] | 'killed'>,
  files: { programme?: string; findings?: string } = {},
) {
  const folder = temporaryFolder();
  writeProgramme(folder, files);
  for (const [day, outages] of Object.entries(drills)) {
    const drill = outages === 'killed' ? { killed: true } : { outages };
    keep(
      join(folder, 'reports'),
      `pair-cut-${day}`,
      recordingOf({ started: `${day}T10:00:00.000Z`, ...drill }),
    );
  }
  return folder;
}

const programme = (folder: string, ...argv: string[]) => faildrill(folder, 'programme', ...argv);

const lines = (text: string) => text.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));

describe('status', () => {
  test('nothing is late: exit code 0', async () => {
    const folder = exercised({ '2026-01-10': [300] });
    const { exitCode, stdout } = await programme(folder, 'status', '--at', '2026-02-28');
    expect(exitCode).toBe(0);
    expect(lines(stdout)).toEqual([
      'The pair is exercised, 2026-02-28',
      '✓ pair-cut | done; next 2026-04-01 to 2026-06-30 | last 2026-01-10 pass | quarterly | Ada',
      ' | other | at every merge | never drilled | every-merge | Ben',
      'Of 2 drills: 1 done, 1 on merge.',
      'Of 1 services: 1 within its limits.',
      '1 of 4 single failures of the labs were drilled by themselves.',
      '1 of 2 findings open.',
      'The next drill is to be done by 2026-06-30.',
    ]);
  });

  test.each([
    ['a drill that was missed', { '2026-01-10': [300] }, '2026-07-01', 'pair-cut | overdue'],
    ['a drill that never was', {}, '2026-04-01', 'pair-cut | overdue | never drilled'],
    [
      'a drill without a verdict counts as none',
      { '2026-01-10': 'killed' as const },
      '2026-04-01',
      'pair-cut | overdue',
    ],
    ['an action', { '2026-01-10': [300] }, '2026-03-02', 'F-1: Tell nobody, by Ben, was due 2026-03-01'],
  ])('%s is overdue: exit code 1', async (_, drills, at, expected) => {
    const { exitCode, stdout } = await programme(exercised(drills), 'status', '--at', at);
    expect(exitCode).toBe(1);
    expect(lines(stdout).join('\n')).toContain(expected);
  });

  test('for programs', async () => {
    const folder = exercised({ '2026-01-10': [300], '2026-02-10': [450], '2026-03-01': [300] });
    const { stdout } = await programme(folder, 'status', '--at', '2026-02-20', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      verdict: 'fail',
      today: '2026-02-20',
      drills: [{ name: 'pair-cut', due: { state: 'done', last: { folder: 'pair-cut-2026-02-10' } } }, {}],
      services: [
        { name: 'web', verdict: 'fail', targets: [{ latest: [{ verdict: 'fail', probe: 'app' }] }] },
      ],
    });
  });
});

describe('run', () => {
  test('nothing is due: that is said, and the report is written', async () => {
    const folder = exercised({ [new Date().toISOString().slice(0, 10)]: [300] });
    const { exitCode, stdout } = await programme(folder, 'run');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^nothing is due; the next drill is to be done by \d{4}-\d\d-\d\d$/m);
    expect(readFileSync(join(folder, 'reports/programme-pair/report.md'), 'utf8')).toContain(
      'Planned and actual',
    );
  });

  test('while another one uses the store: exit code 4, and nothing is touched', async () => {
    const folder = exercised({ '2026-01-10': [300] });
    const words = ['reports/.programme.lock', process.execPath, compiled('cli/main'), 'programme', 'run'];
    const { exitCode, stdout, stderr } = await execa('flock', words, { cwd: folder, reject: false });
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr).toContain('another run of a programme uses');
    expect(readdirSync(join(folder, 'reports')).sort()).toEqual(['.programme.lock', 'pair-cut-2026-01-10']);
  });
});

describe('a mistake: exit code 3', () => {
  test.each([
    [['status', 'nowhere.yml'], 'nowhere.yml:1:1: there is no such file'],
    [['status', '--at', '2026-02-30'], 'expected a day of the calendar'],
    [['status', '--format', 'xml'], 'Allowed choices are terminal, json'],
    [['run', '--drill', 'par-cut'], 'programme.yml:1:1: unknown drill "par-cut"; did you mean "pair-cut"?'],
    [['run', '--since', 'monday'], 'expected a date, a date and time, or how long ago'],
    [['schedule', 'at'], 'Allowed choices are systemd, cron, github, gitlab'],
    [['validate', 'pair-cut.drill.yml'], 'pair-cut.drill.yml:1:1: "objective" is missing'],
  ])('%j', async (argv, message) => {
    const { exitCode, stdout, stderr } = await programme(exercised({}), ...argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(message);
  });
});

test('validate says what there is', async () => {
  const { exitCode, stdout } = await programme(exercised({}), 'validate');
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: 'ok programme.yml: 2 drills, 1 services, 2 findings',
  });
});

test('schedule writes files too, and says where they belong', async () => {
  const folder = exercised({});
  const { stdout } = await programme(folder, 'schedule', 'systemd', '--out', 'units');
  expect(stdout).toContain('wrote units/faildrill-pair.timer, for /etc/systemd/system/faildrill-pair.timer');
  expect(readFileSync(join(folder, 'units/faildrill-pair.service'), 'utf8')).toContain(
    join(folder, 'programme.yml'),
  );
  expect((await programme(folder, 'schedule', 'cron')).stdout).toMatch(/^0 2 \* \* \* root /m);
});

describe('report', () => {
  /** The rows of the tables of a report, by its section. */
  function tables(markdown: string): Record<string, string[][]> {
    const found: Record<string, string[][]> = {};
    let section = '';
    let row: string[] | undefined;
    for (const token of new MarkdownIt().enable('table').parse(markdown, {})) {
      if (token.type === 'heading_open') section = '?';
      else if (token.type === 'inline' && section === '?') section = token.content;
      else if (token.type === 'tr_open') row = [];
      else if (token.type === 'inline' && row)
        row.push(
          (token.children ?? [])
            .map(({ type, content }) =>
              type === 'text' || type === 'text_special' || type === 'html_inline' ? content : '',
            )
            .join(''),
        );
      else if (token.type === 'tr_close') {
        found[section] = [...(found[section] ?? []), row!];
        row = undefined;
      }
    }
    return found;
  }

  test('planned and actual, results, trend, coverage, findings, reviews: what ISO 22301, 8.5 asks for', async () => {
    const folder = exercised({
      '2025-11-10': [300],
      '2026-01-10': [300],
      '2026-02-10': [390, 450],
      '2026-03-01': 'killed',
    });
    const { exitCode, stdout } = await programme(folder, 'report', '--at', '2026-03-10');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: 'programme report  reports/programme-pair/report.html',
    });
    const read = (name: string) => readFileSync(join(folder, 'reports/programme-pair', name), 'utf8');
    const markdown = read('report.md');
    expect(markdown).toContain('Nobody notices.');
    expect(markdown).toContain('Two links.');
    const found = tables(markdown);
    expect(found['Scope and participants']).toContainEqual(['', 'Ada', 'network', 'pair-cut']);
    expect(found['Planned and actual, 2026-Q1']).toContainEqual([
      '✓',
      'pair-cut<br>The link between two hosts is cut',
      'quarterly',
      'Ada<br>Ben',
      '1',
      '1',
      '',
      '2026-02-10 pass',
      'done; next 2026-04-01 to 2026-06-30',
    ]);
    const [, result] = found['Results by service']!;
    expect(result).toEqual([
      '✗',
      'The web<br>Ben',
      'loss_of_connectivity < 400ms',
      expect.stringMatching(/^4\d\d ms \[.*\]$/),
      'app',
      expect.stringMatching(/^pair-cut/),
    ]);
    const [head, trend] = found['Trend over quarters']!;
    expect(head!.slice(-2)).toEqual(['2025-Q4', '2026-Q1']);
    expect(trend!.slice(-2)).toEqual([
      expect.stringMatching(/^✓ 3\d\d ms$/),
      expect.stringMatching(/^✗ 4\d\d ms$/),
    ]);
    expect(found['Single failures of pair']).toContainEqual([
      '✓',
      'a:eth1 <-> b:eth1',
      'link',
      'pair-cut, other',
      '2026-02-10 pass',
    ]);
    expect(found['Single failures of pair']).toContainEqual(['✗', 'b', 'node', 'never', 'never']);
    expect(found['Findings and actions']).toContainEqual([
      '✗',
      'F-1: It was noticed<br>overdue · pair-cut · web',
      '2026-02-11',
      'Tell nobody',
      'Ben',
      '2026-03-01',
      '',
    ]);
    expect(found.Reviews).toContainEqual(['', '2026-Q1', '2026-04-02', 'Ben', 'Ada', 'Good enough']);
    expect(read('report.html')).toContain('<a href="../pair-cut-2026-02-10/report.html">');
    expect(JSON.parse(read('report.json'))).toMatchObject({
      next: '2026-06-30',
      coverage: [
        {
          lab: 'pair',
          drilled: 1,
          of: 4,
          failures: [{ last: { folder: 'pair-cut-2026-02-10' } }, {}, {}, {}],
        },
      ],
      services: [{ targets: [{ quarters: expect.arrayContaining([{ quarter: '2025-Q1', drills: 0 }]) }] }],
    });
  });

  test('names can do nothing to a page, a table, a terminal or JSON', async () => {
    const odd = '<script>alert(1)</script> "q", \\e[31m | `x` *y* \\u202e ünï';
    const quoted = `"${odd.replaceAll('"', '\\"')}"`;
    const folder = exercised(
      { '2026-01-10': [300] },
      {
        programme: PROGRAMME.replace('The pair is exercised', quoted)
          .replace('name: Ada', `name: ${quoted}`)
          .replace('title: The web', `title: ${quoted}`),
        findings: FINDINGS.replace('It was noticed', quoted)
          .replace('Tell nobody', quoted)
          .replace('Good enough', quoted),
      },
    );
    const said = odd.replace('\\e', '\u001b').replace('\\u202e', '\u202e');
    const { stdout } = await programme(folder, 'status', '--at', '2026-03-10');
    expect(stdout).toContain('<script>');
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
    await programme(folder, 'report', '--at', '2026-03-10');
    const read = (name: string) => readFileSync(join(folder, 'reports/programme-pair', name), 'utf8');
    expect(read('report.html')).not.toContain('<script');
    expect(read('report.html')).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    const rendered = new MarkdownIt({ html: true }).enable('table').render(read('report.md'));
    expect(rendered).not.toContain('<script');
    expect(rendered).not.toContain('<em>');
    expect(tables(read('report.md'))['Findings and actions']![1]).toHaveLength(7);
    const { title, people } = JSON.parse(read('report.json')) as {
      title: string;
      people: { ada: { name: string } };
    };
    expect([title, people.ada.name]).toEqual([said, said]);
  });

  test('a folder that cannot be written', async () => {
    const folder = exercised({});
    writeFileSync(join(folder, 'file'), '');
    const { exitCode, stderr } = await programme(folder, 'report', '--out', 'file/x');
    expect({ exitCode, stderr: stderr.split('\n')[0] }).toEqual({
      exitCode: 4,
      stderr: 'error cannot write to file/x (ENOTDIR)',
    });
  });
});
