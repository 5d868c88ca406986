import { userInfo } from 'node:os';
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import pc from 'picocolors';
import { legible } from '../drill/legible.js';
import { LONGEST, NotTaken, type OperatorDesk } from '../drill/operator-desk.js';
import type { OperatorAct } from '../recording/events.js';
import { evidenceFrom } from './evidence.js';
import type { Screen } from './screen.js';

/** What can be typed, with what it does. */
const HELP = [
  ['done [words]', 'confirm the instruction'],
  ['noticed [words]', 'say that something is wrong'],
  ['note <words>', 'write something down'],
  ['attach <file or words>', 'evidence for the last instruction; of a file its name and SHA-256'],
  ['abort [words]', 'end the drill now, and heal'],
  ['as <name>', 'say who is typing'],
] as const;

/** Characters of a word that means nothing that are said back. */
const MOST_WORD = 40;

const WIDTH = Math.max(...HELP.map(([usage]) => usage.length));

/** The control room on a terminal: what happens scrolls by, the last line takes what operators type. */
export class OperatorConsole implements Screen {
  readonly #desk: OperatorDesk;
  readonly #lines: Interface;
  readonly #output = process.stderr;
  #isOpen = true;
  #who = process.env.SUDO_USER || userInfo().username;

  constructor(desk: OperatorDesk) {
    this.#desk = desk;
    this.#lines = createInterface({
      input: process.stdin,
      output: this.#output,
      terminal: true,
      historySize: 0,
    });
    this.#lines.on('line', (line) => {
      this.#take(line.trim());
      this.#lines.prompt(true);
    });
    // The terminal is in raw mode, so Ctrl-C is a character.
    this.#lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    this.#lines.on('close', () => {
      this.#isOpen = false;
      this.#output.write('\n');
    });
    this.say(`You answer as ${pc.bold(this.#who)}; "help" says what can be typed.`);
  }

  [Symbol.dispose](): void {
    this.#lines.close();
  }

  say(text: string): void {
    if (!this.#isOpen) {
      this.#output.write(`${text}\n`);
      return;
    }
    const { rows } = this.#lines.getCursorPos();
    moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    this.#output.write(`${text}\n`);
    // What readline takes for its own rows above the cursor are others by now.
    Object.assign(this.#lines, { prevRows: 0 });
    this.#lines.prompt(true);
  }

  live(text: string): void {
    if (!this.#isOpen) return;
    const most = (this.#output.columns || 80) - 24;
    this.#lines.setPrompt(`${pc.dim(text.slice(0, Math.max(10, most)))} > `);
    this.#lines.prompt(true);
  }

  end(): void {
    if (!this.#isOpen) return;
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
  }

  #take(line: string): void {
    if (line === '') return;
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    const act = Object.hasOwn(this.#acts, word) ? this.#acts[word] : undefined;
    if (act) this.#attempt(() => act(rest));
    else
      this.say(pc.yellow(`"${legible(word, MOST_WORD)}" means nothing here; "help" says what can be typed`));
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      this.say(pc.yellow(`not taken: ${error.message}`));
    }
  }

  #say(act: OperatorAct['act'], rest: Partial<OperatorAct> = {}): void {
    this.#desk.take({ act, who: this.#who, by: 'terminal', ...rest });
  }

  readonly #acts: Record<string, (words: string) => void> = {
    done: (text) => {
      const open = this.#desk.openInstruction;
      if (!open) throw new NotTaken('nothing waits for an answer');
      this.#say('confirm', { text, instruction: open.t });
    },
    noticed: (text) => this.#say('notice', { text }),
    note: (text) => this.#say('note', { text }),
    attach: (words) => {
      const instruction = this.#desk.instructions.at(-1)?.t;
      if (words === '') throw new NotTaken('there is nothing to attach');
      // A large file takes a while; the drill goes on.
      void evidenceFrom(words).then((evidence) =>
        this.#attempt(() =>
          this.#say('attach', { ...(instruction !== undefined && { instruction }), evidence }),
        ),
      );
    },
    abort: (text) => this.#say('abort', { text }),
    as: (name) => {
      const who = legible(name, LONGEST.who);
      if (who === '') throw new NotTaken('as whom?');
      this.#who = who;
      this.say(`You answer as ${this.#who}.`);
    },
    help: () => this.say(HELP.map(([usage, what]) => `  ${usage.padEnd(WIDTH)}  ${what}`).join('\n')),
  };
}
