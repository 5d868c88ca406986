import { InvalidArgumentError } from 'commander';

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
