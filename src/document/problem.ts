/** Something wrong in a file that a person wrote. */
export interface Problem {
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** What is wrong and what was expected, one sentence without a full stop. */
  message: string;
}

/** One line for a problem, as compilers print it. */
export const formatProblem = ({ file, line, column, message }: Problem): string =>
  `${file}:${line}:${column}: ${message}`;

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'this is a folder; a file is expected',
};

/** The error for a file that could not be read, from what the system said. */
export function unreadable(file: string, error: unknown): InvalidInput {
  const { code = '' } = error as NodeJS.ErrnoException;
  const message = REASONS[code] ?? `the file cannot be read (${code})`;
  return new InvalidInput([{ file, line: 1, column: 1, message }]);
}

/** A scenario or topology that cannot be used, with everything that is wrong in it. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}
