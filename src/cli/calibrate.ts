import { type Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { type Cut, calibrate, errorOf, isOutside } from '../calibration/calibrate.js';
import { environmentFacts } from '../drill/facts.js';
import { keepCalibration } from '../drill/kept-calibration.js';
import { namespaceRuntime } from '../runtime/namespace/index.js';
import { EXIT } from './exit.js';
import { Progress } from './progress.js';

/** `faildrill calibrate`: how wrong measured outages are on this machine, against cuts of known length. */
export function addCalibrate(program: Command): void {
  program
    .command('calibrate')
    .option('--repeat <n>', 'how often each length is cut', positive, 3)
    .description('cut an idle link for known lengths and say how wrong the measured outages are')
    .action(async ({ repeat }: { repeat: number }) => {
      const progress = new Progress();
      const { cuts, calibration } = await calibrate({
        repeat,
        runtime: namespaceRuntime,
        notice: (event) => progress.notice(event),
      }).finally(() => progress.end());
      console.log(
        `\n${['cut', 'true length', 'measured', 'error'].map((head) => head.padStart(22)).join('')}`,
      );
      for (const cut of cuts) console.log(line(cut));
      const { median, largest, outside } = calibration;
      console.log(`\nerror: median ${ms(median)} ms, largest ${ms(largest)} ms`);
      console.log(
        outside === 0
          ? pc.green('every true length lies within the stated bounds')
          : pc.red(`${outside} true lengths lie outside the stated bounds`),
      );
      keepCalibration(calibration, environmentFacts());
      if (outside > 0) process.exitCode = EXIT.fail;
    });
}

const ms = (nanoseconds: number) => (nanoseconds / 1e6).toFixed(3);

function line(cut: Cut): string {
  const { nominal, truth, measured } = cut;
  const cells = [
    `${nominal / 1e6} ms`,
    `${ms((truth.lower + truth.upper) / 2)} ± ${ms((truth.upper - truth.lower) / 2)}`,
    `[${ms(measured.lower)}, ${ms(measured.upper)}]`,
    `${ms(errorOf(cut))}${isOutside(cut) ? pc.red(' outside') : ''}`,
  ];
  return cells.map((cell) => cell.padStart(22)).join('');
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('expected a whole number from 1 on');
  return number;
}
