import pc from 'picocolors';
import { InvalidInput } from '../document/problem.js';
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
