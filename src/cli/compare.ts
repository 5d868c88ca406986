import { existsSync, realpathSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { compare, TOLERANCE } from '../analysis/comparison/compare.js';
import type { Comparison } from '../analysis/comparison/result.js';
import { InvalidInput } from '../document/problem.js';
import { comparisonFormats } from '../report/comparison/registry.js';
import { EXIT } from './exit.js';
import { percentage } from './options.js';
import { concerning, judged, recordingAt } from './recordings.js';

interface CompareOptions {
  format: keyof typeof comparisonFormats;
  tolerance: number;
}

const CODES: Record<Comparison['verdict'], number> = {
  'not worse': EXIT.pass,
  worse: EXIT.fail,
  'cannot tell': EXIT.inconclusive,
};

/** `faildrill compare`: what became better or worse between two drills of one scenario. */
export function addCompare(program: Command): void {
  program
    .command('compare')
    .argument(
      '<baseline>',
      'a recording (recording.ndjson), the folder that holds one, or the name of a drill in reports/',
    )
    .argument('<change>', 'another drill of the same scenario')
    .addOption(
      new Option('--format <format>', 'how to show it')
        .choices(Object.keys(comparisonFormats))
        .default('terminal'),
    )
    .addOption(
      new Option('--tolerance <share>', "difference that counts as none, as a share of the baseline's median")
        .argParser(percentage)
        .default(TOLERANCE, `${100 * TOLERANCE}%`),
    )
    .description('say what became better or worse between two drills of a scenario')
    .action((baseline: string, change: string, { format, tolerance }: CompareOptions) => {
      const [before, after] = [recordingAt(baseline), recordingAt(change)];
      if (isSameFile(before, after))
        throw new InvalidInput([{ file: after, line: 1, column: 1, message: 'this is the baseline itself' }]);
      const sides = { baseline: judged(before), change: judged(after) };
      const comparison = concerning(after, () => compare({ ...sides, tolerance }));
      process.stdout.write(comparisonFormats[format](comparison));
      process.exitCode = CODES[comparison.verdict];
    });
}

/** Whether two paths lead to one file; those that lead nowhere are told of when they are read. */
const isSameFile = (one: string, other: string): boolean =>
  existsSync(one) && existsSync(other) && realpathSync(one) === realpathSync(other);
