import pc from 'picocolors';
import type { Verdict } from '../analysis/judge.js';
import type { DrillResult } from '../analysis/result.js';
import { formatProblem, InvalidInput, type Problem } from '../document/problem.js';
import { CannotRun } from '../runtime/errors.js';

/** Exit codes of every verb. */
export const EXIT = {
  pass: 0,
  fail: 1,
  inconclusive: 2,
  invalid: 3,
  cannotRun: 4,
  uncleared: 5,
  interrupted: 130,
} as const;

const OF_VERDICT: Record<Verdict, number> = {
  pass: EXIT.pass,
  fail: EXIT.fail,
  inconclusive: EXIT.inconclusive,
};

/** The exit code that a drill's result means. */
export function exitCodeOf({ outcome, verdict }: Pick<DrillResult, 'outcome' | 'verdict'>): number {
  if (outcome === 'uncleared') return EXIT.uncleared;
  return outcome === 'interrupted' ? EXIT.interrupted : OF_VERDICT[verdict];
}

/** From the most serious on: a drill that failed outweighs one that said nothing. */
const SERIOUSNESS: readonly number[] = [
  EXIT.interrupted,
  EXIT.uncleared,
  EXIT.fail,
  EXIT.invalid,
  EXIT.cannotRun,
  EXIT.inconclusive,
  EXIT.pass,
];

/** The exit code of several drills. */
export const mostSerious = (codes: readonly number[]): number =>
  SERIOUSNESS.find((code) => codes.includes(code)) ?? EXIT.pass;

/** Prints what is no mistake, but may surprise. */
export function reportWarnings(warnings: readonly Problem[]): void {
  for (const warning of warnings) console.error(`${pc.yellow('warning')} ${formatProblem(warning)}`);
}

/** Prints an error as its reader needs it and returns the exit code for it. */
export function reportError(error: unknown): number {
  if (error instanceof InvalidInput) {
    for (const line of error.message.split('\n')) console.error(`${pc.red('error')} ${line}`);
    return EXIT.invalid;
  }
  if (error instanceof CannotRun) {
    console.error(`${pc.red('error')} ${error.message}`);
    if (error.hint) console.error(`${pc.dim('hint')}  ${error.hint}`);
    return EXIT.cannotRun;
  }
  const { stack, message } = error as Error;
  console.error(`${pc.red('error')} ${process.env.FAILDRILL_DEBUG ? stack : message}`);
  return EXIT.cannotRun;
}
