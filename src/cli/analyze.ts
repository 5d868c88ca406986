import { dirname } from 'node:path';
import type { Command } from 'commander';
import { exitCodeOf } from './exit.js';
import { judge } from './judge.js';
import { addDelivery, type DeliveryOptions, outletsOf } from './notify.js';
import { recordingAt } from './recordings.js';

/** `faildrill analyze`: judges a recording again. */
export function addAnalyze(program: Command): void {
  const command = program
    .command('analyze')
    .argument(
      '<recording>',
      'a recording (recording.ndjson), the folder that holds one, or the name of a drill in reports/',
    )
    .option('--out <folder>', 'folder to write the reports to, instead of the one of the recording')
    .description('judge a recording again, without a lab');
  addDelivery(command).action(async (path: string, options: { out?: string } & DeliveryOptions) => {
    const recording = recordingAt(path);
    const { out: folder = dirname(recording) } = options;
    process.exitCode = exitCodeOf(await judge(recording, { folder, outlets: outletsOf(options) }));
  });
}
