import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { packageFile } from '../paths.js';
import { type Day, dayOf, isDay } from '../programme/calendar.js';
import { loadProgramme } from '../programme/load.js';
import { schedulers } from '../programme/schedule/registry.js';
import { json } from '../report/programme/json.js';
import { renderTerminal } from '../report/programme/terminal.js';
import { isLate } from '../report/programme/words.js';
import { EXIT } from './exit.js';
import { standing, writeProgrammeReport } from './programme-report.js';
import { addProgrammeRun } from './programme-run.js';
import { writingTo } from './writing.js';

const FILE = ['[programme]', 'programme file', 'programme.yml'] as const;

/** `faildrill programme`: drills that are done again and again, and the evidence of it. */
export function addProgramme(program: Command): void {
  const programme = program
    .command('programme')
    .description('do the drills of a programme when they are due, and report on them');
  addProgrammeRun(programme, FILE);
  addStatus(programme);
  addReport(programme);
  addSchedule(programme);
  programme
    .command('validate')
    .argument(...FILE)
    .description('check a programme, its scenarios and its findings, without a lab')
    .action((file: string) => {
      const { drills, findings, programme } = loadProgramme(file);
      const services = Object.keys(programme.services).length;
      console.log(
        `${pc.green('ok')} ${file}: ${drills.length} drills, ${services} services, ${findings.findings.length} findings`,
      );
    });
}

interface StatusOptions {
  at: Day;
  format: 'terminal' | 'json';
}

function addStatus(programme: Command): void {
  programme
    .command('status')
    .argument(...FILE)
    .addOption(
      new Option('--format <format>', 'how to show it').choices(['terminal', 'json']).default('terminal'),
    )
    .addOption(atDay())
    .description('say what is due and overdue; exit code 1 where a drill or an action is overdue')
    .action((file: string, { at, format }: StatusOptions) => {
      const loaded = loadProgramme(file);
      const result = standing(loaded, at);
      process.stdout.write(format === 'json' ? json.render(result, '') : renderTerminal(result));
      if (isLate(result)) process.exitCode = EXIT.fail;
    });
}

function addReport(programme: Command): void {
  programme
    .command('report')
    .argument(...FILE)
    .option('--out <folder>', 'folder for the report, instead of its own in the history')
    .addOption(atDay())
    .description('write the programme report (HTML, Markdown, JSON) from what was drilled')
    .action((file: string, { at, out }: { at: Day; out?: string }) => {
      const loaded = loadProgramme(file);
      writeProgrammeReport(loaded, standing(loaded, at), out);
    });
}

function addSchedule(programme: Command): void {
  programme
    .command('schedule')
    .addArgument(new Argument('<scheduler>', 'what is to start it').choices(Object.keys(schedulers)))
    .argument(...FILE)
    .option('--out <folder>', 'write the files there instead of printing them')
    .description('print what starts the programme every day: a systemd timer, a cron line, a CI schedule')
    .action((name: keyof typeof schedulers, file: string, { out }: { out?: string }) => {
      const { file: absolute, programme } = loadProgramme(file);
      const [hour = '', minute = ''] = programme.at.split(':');
      const files = schedulers[name].files({
        ...{ name: programme.name, title: programme.title, hour, minute, file: absolute },
        inRepository: relative(repositoryOf(dirname(absolute)), absolute),
        command: [process.execPath, packageFile('dist/cli/main.js')],
        hasMerges: programme.drills.some(({ frequency }) => frequency === 'every-merge'),
      });
      for (const { path, text } of files) {
        if (out === undefined) process.stdout.write(`# ${path}\n${text}\n`);
        else {
          const written = join(out, path.replace(/^.*\//, ''));
          writingTo(out, { hint: 'name another folder with --out' }, () => writeFileSync(written, text));
          console.log(`wrote ${written}, for ${path}`);
        }
      }
    });
}

/** The folder with the repository that a folder is in; the folder itself where it is in none. */
function repositoryOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return folder;
  }
}

const atDay = () =>
  new Option('--at <day>', 'as it was at the end of this day (UTC)')
    .argParser((text: string): Day => {
      if (!isDay(text)) throw new InvalidArgumentError('expected a day of the calendar, as 2026-11-22');
      return text;
    })
    .default(dayOf(Date.now()), 'today');
