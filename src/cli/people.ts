import { type Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import type { DrillResult } from '../analysis/result.js';
import { ControlRoom } from '../control-room/control-room.js';
import { OperatorDesk } from '../drill/operator-desk.js';
import type { DrillOptions } from '../drill/run-drill.js';
import type { Event } from '../recording/events.js';
import { CannotRun } from '../runtime/errors.js';
import type { LoadedScenario } from '../scenario/load.js';
import { asksPeople } from '../scenario/operators.js';
import type { Scenario } from '../scenario/schema.js';
import { OperatorConsole } from './operator-console.js';
import { PlainScreen, type Screen } from './screen.js';

/** Options about people. */
export interface PeopleOptions {
  ui?: boolean;
  uiPort?: number;
  operators: 'ask' | 'skip';
}

export function addPeople(command: Command): Command {
  return command
    .option('--ui', 'show the drill on a page on this machine, and take what operators answer there')
    .option('--ui-port <n>', 'the same, on this port instead of any that is free', port)
    .addOption(
      new Option(
        '--operators <what>',
        'where a scenario asks people: ask them, or skip that; then it is recorded as not asked, and its targets are not decided',
      )
        .choices(['ask', 'skip'])
        .default('ask'),
    );
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number > 0 && number < 65_536) return number;
  throw new InvalidArgumentError('expected a port, from 1 to 65535');
}

/** Whether a page is wanted. */
export const hasPage = ({ ui = false, uiPort }: PeopleOptions): boolean => ui || uiPort !== undefined;
const hasTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Whether those whom the scenarios ask can answer. Checked before anything is built. @throws CannotRun */
export function checkPeople(scenarios: readonly LoadedScenario[], options: PeopleOptions): void {
  if (options.operators === 'skip' || hasPage(options) || hasTerminal()) return;
  const asking = scenarios.find(({ scenario }) => asksPeople(scenario));
  if (!asking) return;
  throw new CannotRun(
    `${asking.scenario.name} asks people, and there is neither a terminal nor a page to answer on`,
    {
      hint: 'run it on a terminal, with --ui, or with --operators skip: then their targets are not decided',
    },
  );
}

/** Those who take part in drills: where they answer, and where they see what happens. */
export class People implements AsyncDisposable {
  readonly #desk: OperatorDesk | undefined;
  readonly #room: ControlRoom | undefined;

  private constructor(desk: OperatorDesk | undefined, room: ControlRoom | undefined) {
    this.#desk = desk;
    this.#room = room;
  }

  /**
   * Opens the page where one is wanted, and prints its addresses.
   * @param abort ends the drill early
   * @throws CannotRun where the page's port is taken
   */
  static async gather({
    scenarios,
    options,
    abort,
  }: {
    scenarios: readonly LoadedScenario[];
    options: PeopleOptions;
    abort: () => void;
  }): Promise<People> {
    const asks = options.operators === 'ask';
    const isWanted = hasPage(options) || (asks && scenarios.some(({ scenario }) => asksPeople(scenario)));
    if (!isWanted) return new People(undefined, undefined);
    const desk = new OperatorDesk({ asks, abort });
    if (!hasPage(options)) return new People(desk, undefined);
    const room = await ControlRoom.open({ desk, port: options.uiPort ?? 0 });
    process.stderr.write(
      `control room   ${pc.bold(room.address('director'))}\nfor operators  ${room.address('operator')}\n`,
    );
    return new People(desk, room);
  }

  /** What a drill needs to know of them. */
  get partIn(): Pick<DrillOptions, 'operators' | 'watched'> {
    return { operators: this.#desk, watched: (observer) => this.#room?.watch(observer) };
  }

  /** Where a drill says what happens: on a terminal that takes answers, where there is one and the drill asks for some. */
  screenFor(scenario: Scenario): Screen {
    return this.#desk?.asks && asksPeople(scenario) && hasTerminal()
      ? new OperatorConsole(this.#desk)
      : new PlainScreen();
  }

  /** Takes an event that was recorded. */
  notice(event: Event): void {
    this.#room?.notice(event);
  }

  /** Takes what a drill came to. */
  judged({ verdict, reason }: DrillResult): void {
    this.#room?.judged({ verdict, reason });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#room?.[Symbol.asyncDispose]();
  }
}
