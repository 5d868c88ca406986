import { writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Verdict } from '../analysis/judge.js';
import { unknownName } from '../document/nearest.js';
import { InvalidInput } from '../document/problem.js';
import type { JudgedEntry } from '../history/entry.js';
import { byTime, type Filter, fits, isJudged } from '../history/filter.js';
import { historyFormats } from '../report/history/registry.js';
import { instant } from './options.js';
import { entriesOf, STORE } from './recordings.js';

interface HistoryOptions extends Filter {
  in: string;
  last?: number;
  format: keyof typeof historyFormats;
  out?: string;
  rebuild?: boolean;
}

const VERDICTS: readonly Verdict[] = ['pass', 'fail', 'inconclusive'];

/** `faildrill history`: the drills of a store, and their trend. */
export function addHistory(program: Command): void {
  program
    .command('history')
    .option('--scenario <name>', 'only drills of this scenario')
    .option('--tag <tag>', 'only drills with this tag')
    .addOption(new Option('--verdict <verdict>', 'only drills that ended so').choices(VERDICTS))
    .option(
      '--since <time>',
      'only drills from this time on: 2026-11-01, 2026-11-01T08:30 (UTC), 36h, 30d, 12w',
      instant,
    )
    .option('--before <time>', 'only drills before this time', instant)
    .option('--last <n>', 'only so many of these, the latest', count)
    .addOption(
      new Option('--format <format>', 'how to show it; html is the trend page')
        .choices(Object.keys(historyFormats))
        .default('terminal'),
    )
    .option('--out <file>', 'write it to a file instead of standard output')
    .option('--in <folder>', 'folder that holds the folders of the drills', STORE)
    .option('--rebuild', 'judge every recording again and make the index anew')
    .description('list the drills that were run, the latest first, or draw their trend')
    .action((options: HistoryOptions) => {
      const { in: store, last, format, out, rebuild = false } = options;
      const entries = entriesOf(store, { rebuild });
      const all = entries.filter(isJudged).sort(byTime);
      checkNames(all, options);
      const filter = inWords(options);
      const shown = historyFormats[format]({
        drills: all.filter((entry) => fits(entry, options)).slice(0, last),
        unreadable: filter === '' && last === undefined ? entries.filter((entry) => !isJudged(entry)) : [],
        store: relative(out === undefined ? '.' : dirname(out), store) || '.',
        filter,
      });
      if (out === undefined) process.stdout.write(shown);
      else writeFileSync(out, shown);
    });
}

/** A name that no drill has is a mistake, and not an empty list. */
function checkNames(all: readonly JudgedEntry[], { scenario, tag, in: store }: HistoryOptions): void {
  const check = (what: string, name: string | undefined, known: readonly string[]) =>
    name === undefined || known.includes(name)
      ? []
      : [{ file: store, line: 1, column: 1, message: unknownName(what, name, new Set(known)) }];
  const problems = [
    ...check(
      'scenario',
      scenario,
      all.map(({ drill }) => drill.name),
    ),
    ...check(
      'tag',
      tag,
      all.flatMap(({ drill }) => drill.tags),
    ),
  ];
  if (problems.length > 0) throw new InvalidInput(problems);
}

/** What drills were chosen by: `of primary-isp-cut, since 2026-11-01T00:00Z`. */
function inWords({ scenario, tag, verdict, since, before }: Filter): string {
  const at = (instant: number) => new Date(instant).toISOString().replace(/:00\.000Z$/, 'Z');
  return [
    ...(scenario === undefined ? [] : [`of ${scenario}`]),
    ...(tag === undefined ? [] : [`tagged ${tag}`]),
    ...(verdict === undefined ? [] : [`with the verdict ${verdict}`]),
    ...(since === undefined ? [] : [`since ${at(since)}`]),
    ...(before === undefined ? [] : [`before ${at(before)}`]),
  ].join(', ');
}

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a number from 1 on');
  return Number(text);
}
