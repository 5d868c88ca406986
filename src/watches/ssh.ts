import * as z from 'zod';
import type { Clock, Instant } from '../linux/clock.js';
import type { Node } from '../runtime/runtime.js';
import { positiveDuration, regularExpression } from '../scenario/units.js';
import { loginShape, wrongLogin } from '../ssh/login.js';
import { CommandRefused, LoginRefused, ShellSession } from '../ssh/session.js';
import type { Onlooker, Sight, WatchKind } from './watch.js';

const parameters = {
  ...loginShape,
  command: z.string().min(1).meta({ description: "command for the gateway's own command line" }),
  matches: regularExpression.meta({
    description: 'regular expression that its output must match, ^ and $ at any line',
  }),
  interval: positiveDuration
    .prefault('1s')
    .meta({ description: 'time from one look to the next: the error of this watch' }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

/** How long after an attempt to log in the next one is made at the earliest, nanoseconds: gateways lock out those who try too often. Until then the last reason stands. */
const AGAIN = 1e9;

/** Looks by one session, which is opened again after it was lost. */
class SessionOnlooker implements Onlooker {
  readonly #wanted: Parameters;
  readonly #from: Node;
  readonly #clock: Clock;
  readonly #pattern: RegExp;
  #session: ShellSession | undefined;
  #triedAt: Instant = Number.NEGATIVE_INFINITY;
  /** Why there is no session. */
  #why: Error | undefined;
  #isClosed = false;

  constructor(options: { wanted: Parameters; from: Node; clock: Clock }) {
    this.#wanted = options.wanted;
    this.#from = options.from;
    this.#clock = options.clock;
    this.#pattern = new RegExp(options.wanted.matches, 'm');
  }

  /** Logs in; throws where there is no session. */
  async open(): Promise<ShellSession> {
    if (this.#why && this.#clock.now() - this.#triedAt < AGAIN) throw this.#why;
    try {
      this.#session = await ShellSession.open({ login: this.#wanted, from: this.#from, clock: this.#clock });
    } catch (error) {
      this.#why = error as Error;
      throw error;
    } finally {
      this.#triedAt = this.#clock.now();
    }
    if (this.#isClosed) this.close();
    return this.#session;
  }

  async look(): Promise<Sight> {
    const session = this.#session ?? (await this.open());
    try {
      const { text } = await session.run(this.#wanted.command);
      const found = this.#pattern.exec(text);
      const line = text.slice(text.lastIndexOf('\n', found?.index ?? 0) + 1).split('\n')[0]!;
      return { active: found !== null, detail: line.trim() || 'it printed nothing' };
    } catch (error) {
      if (!(error instanceof CommandRefused)) {
        session.close();
        this.#session = undefined;
        this.#why = error as Error;
      }
      throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#session?.close();
  }
}

/** A command at a gateway's own command line prints what is looked for. Polled, over one session of SSH that is kept. */
export const ssh: WatchKind<typeof parameters> = {
  name: 'ssh',
  description:
    "a command at a gateway's own command line, over SSH, prints what is looked for (polled, in one session that is kept)",
  parameters,
  resolution: ({ interval }) => interval,
  check: wrongLogin,
  async open(wanted, { lab, clock }) {
    const onlooker = new SessionOnlooker({ wanted, from: lab.nodes.get(wanted.from)!, clock });
    await onlooker.open().catch((error: Error) => {
      // A gateway that is not there yet, as a virtual machine that boots, may come.
      if (error instanceof LoginRefused || error instanceof CommandRefused) throw error;
    });
    return onlooker;
  },
};
