import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { Cron } from 'croner';
import { execa, execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../src/paths.js';
import { schedulers } from '../../src/programme/schedule/registry.js';
import type { Plan, ScheduleFile } from '../../src/programme/schedule/schedule.js';
import { temporaryFolder } from '../fixtures/scenario.js';

const PLAN: Plan = {
  name: 'branch',
  title: 'The branch is exercised',
  hour: '02',
  minute: '05',
  file: '/srv/drills/programme.yml',
  inRepository: 'drills/programme.yml',
  command: ['/usr/bin/node', '/opt/faildrill/dist/cli/main.js'],
  hasMerges: true,
};

/** Names that somebody may really have, and such as somebody may try. */
const ODD = `50 % of "it"; it's $HOME \${{ github.token }} <b> \\n ünï, %h`;
const plans: [string, Plan][] = [
  ['plain names', PLAN],
  [
    'odd names',
    { ...PLAN, title: `${ODD}\n\u001b[31m\u202e`, file: `/srv/${ODD}/p.yml`, inRepository: `${ODD}/p.yml` },
  ],
  ['nothing at merges', { ...PLAN, hasMerges: false }],
];

/** What GitHub makes a dollar sign of. */
const DOLLAR = `\${{ '$' }}`;

const texts = (files: ScheduleFile[]) => files.map(({ text }) => text);

describe.each(plans)('%s', (_, plan) => {
  test('systemd takes the units, finds the program, and starts it at the very time', async () => {
    const folder = temporaryFolder();
    // systemd looks whether the program is there, so it must have read the word as it was meant.
    const program = join(folder, '50 % of ünï %h', 'node');
    mkdirSync(dirname(program));
    symlinkSync(process.execPath, program);
    const files = schedulers.systemd.files({ ...plan, command: [program, ...plan.command.slice(1)] });
    const paths = files.map(({ path, text }) => {
      const file = join(folder, basename(path));
      writeFileSync(file, text);
      return file;
    });
    const verify = async () => {
      const { exitCode, all } = await execa('systemd-analyze', ['verify', '--man=no', ...paths], {
        reject: false,
        all: true,
      });
      // It has a word on other units of the machine too.
      return { exitCode, said: all.split('\n').filter((line) => line.includes('faildrill')) };
    };
    expect(await verify()).toEqual({ exitCode: 0, said: [] });
    rmSync(program);
    expect((await verify()).said.join('\n')).toContain('is not executable');
    const [, calendar = ''] = /^OnCalendar=(.*)$/m.exec(files[1]!.text) ?? [];
    const { stdout } = await execa(
      'systemd-analyze',
      ['calendar', '--base-time=2026-11-22 12:00 UTC', calendar],
      {
        env: { TZ: 'UTC' },
      },
    );
    expect(stdout).toMatch(/Next elapse: Mon 2026-11-23 02:05:00 UTC/);
    expect(files[0]!.text).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  });

  test('cron: a time, a user and a command that a shell takes apart again', () => {
    const [text = ''] = texts(schedulers.cron.files(plan));
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^# /);
    const [, time = '', user, command = ''] = /^(\S+ \S+ \S+ \S+ \S+) (\S+) (.*)$/.exec(lines[1]!) ?? [];
    const next = new Cron(time, { timezone: 'UTC' }).nextRun(new Date('2026-11-22T12:00:00Z'));
    expect(next?.toISOString()).toBe('2026-11-23T02:05:00.000Z');
    expect(user).toBe('root');
    // cron ends the command at the first % that has no backslash, and takes the others' away.
    expect(command).not.toMatch(/(?<!\\)%/);
    const { stdout } = execaSync('sh', ['-c', `printf '%s\\0' ${command.replaceAll('\\%', '%')}`]);
    expect(stdout.split('\0')).toEqual([...plan.command, 'programme', 'run', plan.file, '']);
  });

  test('GitHub: its own parser finds no mistake', async () => {
    const [file] = schedulers.github.files(plan);
    expect(file!.path).toBe('.github/workflows/faildrill-branch.yml');
    const { context, value } = parseWorkflow(
      { name: file!.path, content: file!.text },
      new NoOperationTraceWriter(),
    );
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
    const { jobs, events, errors } = await convertWorkflowTemplate(context, value!);
    expect(errors ?? []).toEqual([]);
    expect(jobs).toHaveLength(1);
    expect(events?.schedule).toEqual([{ cron: '5 2 * * *' }]);
    expect(events?.push !== undefined).toBe(plan.hasMerges);
    const { PROGRAMME } = (parse(file!.text) as { jobs: { drill: { env: { PROGRAMME: string } } } }).jobs
      .drill.env;
    // No expression but the one that stands for a dollar sign.
    expect(PROGRAMME.replaceAll(DOLLAR, '')).not.toMatch(/\$\{\{/);
    expect(PROGRAMME.replaceAll(DOLLAR, '$')).toBe(plan.inRepository);
  });

  test('GitLab: valid by its published schema, and started by what it should be', async () => {
    const folder = temporaryFolder();
    const [file] = schedulers.gitlab.files(plan);
    execaSync('git', ['init', '-q', folder]);
    writeFileSync(join(folder, '.gitlab-ci.yml'), file!.text);
    const list = (...variables: string[]) =>
      execa('gitlab-ci-local', ['--list-json', ...variables.flatMap((one) => ['--variable', one])], {
        preferLocal: true,
        localDir: packageFile('.'),
        cwd: folder,
        reject: false,
        env: { NO_COLOR: '1' },
      });
    const { exitCode, stdout } = await list('CI_PIPELINE_SOURCE=schedule');
    expect(exitCode).toBe(0);
    const jobs = JSON.parse(stdout.slice(stdout.indexOf('\n[') + 1)) as { name: string; when: string }[];
    const running = jobs.filter(({ when }) => when !== 'never').map(({ name }) => name);
    expect(running).toEqual(['faildrill-branch']);
    expect(jobs).toHaveLength(plan.hasMerges ? 2 : 1);
    const script = (parse(file!.text) as Record<string, { script: string[] }>)['faildrill-branch']!
      .script[0]!;
    const words = execaSync('sh', ['-c', `printf '%s\\0' ${script}`]).stdout.split('\0');
    expect(words.slice(-2)).toEqual([plan.inRepository, '']);
    const [, time = ''] = /--cron '([^']+)'/.exec(file!.text) ?? [];
    expect(new Cron(time, { timezone: 'UTC' }).nextRun(new Date('2026-11-22T12:00:00Z'))?.toISOString()).toBe(
      '2026-11-23T02:05:00.000Z',
    );
  });
});

test('a path that cron has no way to name is refused', () => {
  expect(() => schedulers.cron.files({ ...PLAN, file: '/srv/a\nb' })).toThrow('no path with a line break');
});
