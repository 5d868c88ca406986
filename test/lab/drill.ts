import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { DrillResult } from '../../src/analysis/result.js';
import { compiled } from '../../src/paths.js';

/** Starts the real command line, in a folder. */
export const faildrill = (cwd: string, ...argv: string[]) =>
  execa(process.execPath, [compiled('cli/main'), ...argv], {
    cwd,
    reject: false,
    stdin: 'ignore',
  });

/** What a drill came to. */
export interface Left {
  code: number | undefined;
  /** Folder of the drill. */
  folder: string;
  recording: string;
  result: DrillResult;
}

/** A drill that was run, with everything that it left. */
export interface Drilled extends Left {
  stdout: string;
  stderr: string;
}

/** What the newest drill in a folder of reports left. */
export function leftIn(out: string): Omit<Left, 'code'> {
  const folder = join(out, newest(out));
  const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as DrillResult;
  return { folder, recording: join(folder, 'recording.ndjson'), result };
}

/** Runs one scenario and reads its result. */
export async function drill(cwd: string, ...argv: string[]): Promise<Drilled> {
  const out = join(cwd, 'reports');
  const { exitCode, stdout, stderr } = await faildrill(cwd, 'run', '--out', out, ...argv);
  if (!existsSync(out)) throw new Error(`the drill ended with ${exitCode} and no report: ${stderr}`);
  return { code: exitCode, stdout, stderr, ...leftIn(out) };
}

/** Drills that a busy machine may spoil, one after the other: they say so themselves, and are never taken for a result. */
const ATTEMPTS = 3;

/** Drills until there is a verdict that does not rest on a disturbed trial alone; prints why where there was none. */
export async function decided(cwd: string, ...argv: string[]): Promise<Drilled> {
  for (let attempt = 1; ; attempt++) {
    const done = await drill(cwd, ...argv);
    const { verdict, reason, trials } = done.result;
    const isDisturbed = trials.length > 0 && trials.every(({ disturbances }) => disturbances.length > 0);
    if ((verdict !== 'inconclusive' && !isDisturbed) || attempt === ATTEMPTS) return done;
    console.warn(`${argv.at(-1)}: inconclusive, once more: ${reason}`);
  }
}

const newest = (folder: string): string => readdirSync(folder).sort().at(-1)!;

/** What a metric of a subject came to in the first trial. */
export const measured = ({ result }: Pick<Drilled, 'result'>, metric: string, subject: string) =>
  result.measured.find((entry) => entry.metric === metric && entry.subject === subject)!.trials[0]!
    .measurement;
