import { dirname, relative } from 'node:path';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import type { DrillResult } from '../analysis/result.js';
import { validTrials } from '../analysis/valid-trials.js';
import { reports } from '../report/registry.js';
import { renderTerminal } from '../report/terminal.js';
import { describeSeal } from '../report/words.js';
import { withPrevious } from './previous.js';
import { judged, recordingAt, STORE } from './recordings.js';

interface ShowOptions {
  in: string;
  format: 'terminal' | keyof typeof reports;
}

/** `faildrill show`: one drill of the history, judged from its recording. */
export function addShow(program: Command): void {
  program
    .command('show')
    .argument(
      '<drill>',
      'its folder or the beginning of that name, its id, its scenario (the latest drill of it), "last", or a recording',
    )
    .addOption(
      new Option('--format <format>', 'how to show it')
        .choices(['terminal', ...Object.keys(reports)])
        .default('terminal'),
    )
    .option('--in <folder>', 'folder that holds the folders of the drills', STORE)
    .description('show one drill')
    .action(async (name: string, { in: store, format }: ShowOptions) => {
      const recording = recordingAt(name, store);
      const result = withPrevious(judged(recording), recording);
      process.stdout.write(
        format === 'terminal'
          ? `${renderTerminal(result)}\n${factsOf(result, recording)}`
          : await reports[format].render(result),
      );
    });
}

/** What a reader needs to find the drill again, and to run it again. */
function factsOf(result: DrillResult, recording: string): string {
  const { id, started, tags, seed, command, trials } = result;
  const facts: Record<string, string> = {
    drill: id,
    started: `${started.slice(0, 19).replace('T', ' ')} UTC`,
    trials: `${validTrials(trials)} valid of ${trials.length}`,
    tags: tags.join(', '),
    seed: String(seed),
    command: command.join(' '),
    sha256: result.recording?.sha256 ?? '',
    seal: describeSeal(result),
    folder: relative(process.cwd(), dirname(recording)) || '.',
  };
  return Object.entries(facts)
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${pc.dim(name.padEnd(8))} ${text}\n`)
    .join('');
}
