import { InvalidArgumentError } from 'commander';
import { parseInstant } from '../history/filter.js';

/** Collects `--set NAME=value`. */
export function collectVariable(text: string, sofar: Record<string, string>): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('expected NAME=value');
  return { ...sofar, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** Variables of a topology file: those given, else the environment's. */
export const withEnvironment = (set: Record<string, string>): Record<string, string | undefined> => ({
  ...process.env,
  ...set,
});

/** Collects an option that may be given several times. */
export const collect = (text: string, sofar: readonly string[]): string[] => [...sofar, text];

/** Reads `5%` as 0.05. */
export function percentage(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('expected a percentage, as 5%');
  return Number(number) / 100;
}

/** Reads an instant, as milliseconds since 1970: a date, a date and time, or how long ago. */
export function instant(text: string): number {
  const read = parseInstant(text, Date.now());
  if (read === undefined)
    throw new InvalidArgumentError(
      'expected a date, a date and time, or how long ago: 2026-11-01, 36h, 30d, 12w',
    );
  return read;
}
