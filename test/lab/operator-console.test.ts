import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { compiled } from '../../src/paths.js';
import { GAME } from '../fixtures/game.js';
import { temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { expectAborted } from './aborted.js';
import { leftIn } from './drill.js';
import { expectNothingLeft, trace } from './machine.js';

/** Runs a command on a terminal of its own, 100 columns wide; what is written to it is typed there. */
const ON_TERMINAL = `import os, pty, sys
os.environ.update(TERM='xterm')
status = pty.spawn(['sh', '-c', 'stty cols 100 rows 30; exec "$@"', '-', *sys.argv[1:]])
sys.exit(os.waitstatus_to_exitcode(status))`;

/** How long something may take to appear on a busy machine, milliseconds. */
const PATIENCE = 40_000;

/** A drill on a terminal. */
class Terminal {
  readonly folder = temporaryFolder();
  readonly #child;
  /** What the terminal was sent since something was last typed. */
  #sent = '';
  /** All of it. */
  all = '';
  #look = () => {};

  constructor() {
    const command = [process.execPath, compiled('cli/main'), 'run', '--out', 'reports'];
    this.#child = execa('python3', ['-c', ON_TERMINAL, ...command, writeScenario(this.folder, GAME)], {
      cwd: this.folder,
      reject: false,
      stdin: 'pipe',
    });
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#sent += chunk;
      this.all += chunk;
      this.#look();
    });
    onTestFinished(async () => {
      // What ends with its terminal heals as well.
      this.#child.kill();
      await this.#child;
    });
  }

  /** Waits until the terminal shows something. */
  async shows(what: RegExp): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error(`no ${what} on the terminal: ${this.all}`));
      timer = setTimeout(fail, PATIENCE);
      this.#look = () => what.test(this.#sent) && resolve();
      this.#look();
      void this.#child.then(fail);
    }).finally(() => clearTimeout(timer));
  }

  /** Types a line. */
  type(line: string): void {
    this.#sent = '';
    this.#child.stdin.write(`${line}\r`);
  }

  /** What the drill came to, once it is over. */
  async over() {
    const { exitCode } = await this.#child;
    const left = leftIn(join(this.folder, 'reports'));
    const read = (file: string) => readFileSync(join(left.folder, file), 'utf8');
    return { code: exitCode, ...left, read };
  }
}

/** A control sequence of one byte (CSI), a character that turns the direction of text, and a bell. */
const HIDDEN = 'red\u009b31m and \u202eturned';
const SHOWN = 'red\ufffd31m and \ufffdturned';

test('what is typed on a terminal answers the drill, and what would hide in it is shown', async () => {
  const before = trace();
  const terminal = new Terminal();
  const file = join(terminal.folder, 'phone log.txt');
  writeFileSync(file, 'rang at nine');
  await terminal.shows(/wait for notice/);
  terminal.type(`what\u202e now`);
  await terminal.shows(/"what\ufffd" means nothing here/);
  terminal.type('as Ann\u009b1m');
  await terminal.shows(/You answer as Ann\ufffd1m\./);
  terminal.type('as Ann');
  await terminal.shows(/You answer as Ann\./);
  terminal.type('done');
  await terminal.shows(/not taken: nothing waits for an answer/);
  terminal.type(`noticed ${HIDDEN}`);
  await terminal.shows(/Ann, notice: red\ufffd31m and \ufffdturned/);
  await terminal.shows(/attach its number/);
  terminal.type(`note ${HIDDEN}`);
  await terminal.shows(/Ann, note: red\ufffd31m and \ufffdturned/);
  terminal.type('attach INC-17 <b>');
  await terminal.shows(/Ann, attach: INC-17 <b>/);
  terminal.type(`attach ${file}`);
  await terminal.shows(/Ann, attach: phone log\.txt/);
  terminal.type('done told them');
  await terminal.shows(/Ann, confirm: told them/);
  await terminal.shows(/Call the provider/);
  terminal.type('done');

  const { result, read } = await terminal.over();
  const [trial] = result.trials;
  expect(trial!.instructions).toMatchObject([
    {
      name: 'ticket',
      ending: 'confirmed',
      by: 'Ann',
      note: 'told them',
      evidence: [
        { text: 'INC-17 <b>' },
        {
          file: 'phone log.txt',
          bytes: 12,
          sha256: createHash('sha256').update('rang at nine').digest('hex'),
        },
      ],
    },
    { name: 'call', ending: 'confirmed', by: 'Ann' },
  ]);
  expect(trial!.remarks.map(({ kind, who, text }) => ({ kind, who, text }))).toEqual([
    { kind: 'notice', who: 'Ann', text: SHOWN },
    { kind: 'note', who: 'Ann', text: SHOWN },
  ]);
  const detection = result.measured.find(({ metric }) => metric === 'operator_detection_time')!;
  expect(detection.trials[0]!.measurement.missing).toBeUndefined();
  for (const report of ['recording.ndjson', 'result.json', 'report.html', 'report.md', 'junit.xml'])
    expect(read(report), report).not.toMatch(/[\u0080-\u009f\u202e]/);
  await expectNothingLeft(before);
});

test('an abort that is typed heals, and says who it was', async () => {
  const before = trace();
  const terminal = new Terminal();
  await terminal.shows(/wait for notice/);
  terminal.type('as Ann');
  await terminal.shows(/You answer as Ann\./);
  terminal.type('abort wrong lab');
  await expectAborted(await terminal.over(), before);
});
