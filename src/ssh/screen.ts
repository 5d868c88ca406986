/**
 * How the prompt of a common vendor's command line looks, as the last line on the screen: RouterOS `[admin@R1] >`, FortiOS `FGT-1 (root) #`,
 * ASA `asa/pri/act#`, EOS `leaf1(config)#`, SR Linux `A:admin@srl1#`, Junos `admin@srx>`, and that of a shell, `admin@srx:~ %`.
 */
export const USUAL_PROMPT =
  '^(\\[[^\\]\\s]+\\] ?(/[\\w/ -]*)?|[\\w.@:~/{}()+*-]+( \\([\\w.-]+\\))?) ?[>#$%] ?$';

/** What vendors print at the beginning of a line when they refuse a command; they give no exit code. */
export const USUAL_FAILURE = [
  // Cisco and those that took its style: ASA, EOS, FRR.
  '^%',
  '^ERROR:',
  // Junos and SR Linux.
  '^error:',
  '^Error:',
  '^Parsing error',
  '^ *\\^$',
  'syntax error',
  'unknown command',
  // RouterOS.
  '^failure:',
  '^bad command name',
  '^expected end of command',
  '^no such item',
  '^input does not match',
  // FortiOS.
  '^Command fail',
  '^command parse error',
  '^Unknown action',
].join('|');

/** What a pager shows when it waits for a key. */
const PAGER = /^(<?-+ ?\(?more\b.*|:|.*\(END\)|.*\[Q quit\|.*)$/i;

/** What some vendors show in lines of their own above the prompt: Junos's hierarchy and redundancy state, SR Linux's mode. */
const ABOVE_PROMPT = /^(\[edit.*\]|\{\w+(:\w+)?\}|--\{.*\}--\[.*\]--)$/;

const ESCAPE = '\u001b';
const BELL = '\u0007';

/** A control sequence (ECMA-48) with its parameters and last byte, a string, another escape, a control character, or text. */
const TOKEN = new RegExp(
  [
    `${ESCAPE}\\[([\\d;?<=>]*)[ -/]*([@-~])`,
    `${ESCAPE}[\\]P^_].*?(?:${BELL}|${ESCAPE}\\\\)`,
    `${ESCAPE}[ -/]*[0-~]`,
    '\\p{Cc}',
    '\\P{Cc}+',
  ].join('|'),
  'gsu',
);

/** One line of a screen, and where the cursor is in it. */
class Line {
  #text = '';
  #column = 0;

  get text(): string {
    return this.#text.trimEnd();
  }

  move(column: number): void {
    this.#column = Math.max(0, column);
  }

  moveBy(columns: number): void {
    this.move(this.#column + columns);
  }

  write(text: string): void {
    const left = this.#text.slice(0, this.#column).padEnd(this.#column);
    this.#column += text.length;
    this.#text = left + text + this.#text.slice(this.#column);
  }

  /** @param what 0 from the cursor on, 1 up to it, 2 all */
  erase(what: number): void {
    const left = what === 0 ? this.#text.slice(0, this.#column) : ' '.repeat(this.#column);
    this.#text = left + (what === 1 ? this.#text.slice(this.#column) : '');
  }

  delete(count: number): void {
    this.#text = this.#text.slice(0, this.#column) + this.#text.slice(this.#column + count);
  }

  insert(count: number): void {
    this.#text = this.#text.slice(0, this.#column) + ' '.repeat(count) + this.#text.slice(this.#column);
  }
}

/** Control characters that act on the line that the cursor is in; others change nothing that is read here. */
const CONTROLS: Record<string, (line: Line) => void> = {
  '\r': (line) => line.move(0),
  '\b': (line) => line.moveBy(-1),
  '\t': (line) => line.write(' '),
};

/** The same of control sequences, by their last byte. */
const SEQUENCES: Record<string, (line: Line, parameter: number) => void> = {
  C: (line, count) => line.moveBy(count || 1),
  D: (line, count) => line.moveBy(-(count || 1)),
  G: (line, column) => line.move((column || 1) - 1),
  K: (line, what) => line.erase(what),
  P: (line, count) => line.delete(count || 1),
  '@': (line, count) => line.insert(count || 1),
};

/** The lines that a terminal would show, without blanks at their ends: command lines redraw what is typed, and colour it. */
export function linesOf(received: string): string[] {
  const lines = [new Line()];
  for (const [token, parameter = '', last] of received.matchAll(TOKEN)) {
    const line = lines.at(-1)!;
    if (last !== undefined) SEQUENCES[last]?.(line, Number.parseInt(parameter, 10) || 0);
    else if (token === '\n') lines.push(new Line());
    else if (/^\P{Cc}/u.test(token)) line.write(token);
    else CONTROLS[token]?.(line);
  }
  return lines.map(({ text }) => text);
}

/** Whether a pager waits for a key in this line. */
export const isPager = (line: string): boolean => PAGER.test(line);

/** Where the echo of a command ends: the number of lines up to and with it; none where it is not there. */
const echoEnd = (lines: readonly string[], command: string): number =>
  lines.findIndex((line) => line.endsWith(command.trim())) + 1;

/** Whether what was received begins with the command that was sent, as a terminal shows it. */
export const hasEcho = (lines: readonly string[], command: string): boolean => echoEnd(lines, command) > 0;

/** What a command printed: the lines between its echo and the prompt, which is the last. */
export function answerOf(lines: readonly string[], command: string): string {
  const answer = lines.slice(echoEnd(lines, command), -1);
  while (answer.length > 0 && (answer.at(-1) === '' || ABOVE_PROMPT.test(answer.at(-1)!))) answer.pop();
  while (answer[0] === '') answer.shift();
  return answer.join('\n');
}

/** The vendor's own words where an answer says that the command was refused. */
export function refusalOf(answer: string, failure: string): string | undefined {
  const pattern = new RegExp(failure, 'm');
  return pattern.test(answer) ? answer.split('\n').filter(Boolean).join(' / ') : undefined;
}
