import { dirname } from 'node:path';
import type { Command } from 'commander';
import { exitCodeOf } from './exit.js';
import { judge } from './judge.js';
import { recordingAt } from './recordings.js';

/** `faildrill analyze`: judges a recording again. */
export function addAnalyze(program: Command): void {
  program
    .command('analyze')
    .argument(
      '<recording>',
      'a recording (recording.ndjson), the folder that holds one, or the name of a drill in reports/',
    )
    .option('--out <folder>', 'folder to write the reports to, instead of the one of the recording')
    .description('judge a recording again, without a lab')
    .action(async (path: string, { out }: { out?: string }) => {
      const recording = recordingAt(path);
      process.exitCode = exitCodeOf(await judge(recording, out ?? dirname(recording)));
    });
}
