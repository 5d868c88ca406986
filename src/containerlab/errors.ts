/** Why containerlab did not do what it was asked to. */
export type ContainerlabReason = 'missing' | 'not-permitted' | 'too-old' | 'timeout' | 'aborted' | 'failed';

/** Lines of its log that an error keeps. */
const TAIL = 20;

/** containerlab did not do what it was asked to. `message` is its own where it said one. */
export class ContainerlabError extends Error {
  override readonly name = 'ContainerlabError';
  readonly reason: ContainerlabReason;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** The command line. */
  readonly command: readonly string[];
  readonly exitCode: number | undefined;
  /** The last lines that it logged. */
  readonly log: readonly string[];
  constructor(
    message: string,
    options: {
      reason: ContainerlabReason;
      command: readonly string[];
      hint?: string | undefined;
      exitCode?: number | undefined;
      log?: string;
    },
  ) {
    super(message);
    this.reason = options.reason;
    this.hint = options.hint;
    this.command = options.command;
    this.exitCode = options.exitCode;
    this.log = (options.log ?? '')
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .slice(-TAIL);
  }
}

/**
 * The error that containerlab ended with, out of what it logged: the block under ERROR since 0.70, `Error: …` of cobra before, else the last line of
 * its log that is one of an error, else the last line.
 */
export function ownWords(log: string): string {
  const lines = log.split('\n').map((line) => line.trim());
  const heading = lines.lastIndexOf('ERROR');
  const block = lines.slice(heading + 1).filter((line) => line !== '');
  if (heading >= 0 && block.length > 0) return block.join(' ').replace(/\.$/, '');
  const cobra = lines.findLast((line) => line.startsWith('Error: '));
  if (cobra !== undefined) return cobra.slice('Error: '.length);
  const logged = lines.findLast((line) => /\b(?:ERRO|FATA)\b|level=(?:error|fatal)/.test(line));
  if (logged !== undefined) {
    const [, message] = /msg="((?:[^"\\]|\\.)*)"/.exec(logged) ?? [];
    return message?.replaceAll('\\"', '"') ?? logged.replace(/^.*?\b(?:ERRO|FATA)(?:\[\d+\])?\s+/, '');
  }
  return lines.findLast((line) => line !== '') ?? 'it said nothing';
}
