import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Algorithms, Client, ClientChannel } from 'ssh2';
import type { Bracket, Clock, Instant } from '../linux/clock.js';
import { connectFrom } from '../linux/sockets.js';
import type { Node } from '../runtime/runtime.js';
import { formatDuration } from '../scenario/units.js';
import { fingerprintOf, type Login, secretsOf } from './login.js';
import { answerOf, hasEcho, isPager, linesOf, refusalOf, USUAL_FAILURE, USUAL_PROMPT } from './screen.js';

/** The gateway, or what is asked of it, is such that waiting does not help: a wrong password, another host key. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';
}

/** The gateway printed that it does not do a command. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

/** What a command printed; it was done within the bracket: from when it was sent until the prompt was back. */
export interface Answer extends Bracket {
  text: string;
}

/** How long nothing must come after a prompt: a line of output may look like one while its rest is on the way. */
const QUIET_MS = 30;
/** The same where the command was not echoed: it may be a prompt that was shown before the command was read. */
const QUIET_WITHOUT_ECHO_MS = 1000;

/** The most that one command may print, characters. */
const MOST = 1 << 20;

/** A terminal so wide and high that few command lines wrap and few pagers stop. */
const TERMINAL = { term: 'vt100', cols: 511, rows: 1000 };

/** What old gateways speak beside what ssh2 offers by itself, in the last place. */
const ALGORITHMS: Algorithms = {
  kex: { append: ['diffie-hellman-group14-sha1'], prepend: [], remove: [] },
  cipher: { append: ['aes256-cbc', 'aes128-cbc'], prepend: [], remove: [] },
};

/** A session with the command line of a gateway: one shell, to which commands are given one after the other. */
export class ShellSession {
  readonly #connection: Connection;
  readonly #channel: ClientChannel;
  readonly #login: Login;
  readonly #clock: Clock;
  readonly #prompt: RegExp;
  #received = '';
  /** When something came last. */
  #cameAt: Instant = 0;
  #lost: Error | undefined;
  #wake = () => {};

  private constructor(options: {
    connection: Connection;
    channel: ClientChannel;
    login: Login;
    clock: Clock;
  }) {
    const { connection, channel, login, clock } = options;
    const { client } = connection;
    this.#connection = connection;
    this.#channel = channel;
    this.#login = login;
    this.#clock = clock;
    this.#prompt = new RegExp(login.prompt ?? USUAL_PROMPT);
    channel.setEncoding('utf8');
    channel.on('data', (text: string) => this.#take(text));
    const lose = (why: string) => {
      this.#lost ??= new Error(why);
      this.#wake();
    };
    channel.on('close', () => lose('the gateway closed the session'));
    client.on('close', () => lose('the connection was closed'));
    client.on('error', (error) => lose(`the connection was lost: ${error.message}`));
  }

  /**
   * Logs in, waits for the prompt and gives the login's own commands.
   * @param from node from whose network it connects
   * @throws LoginRefused where it never will, Error where it may another time
   */
  static async open(options: { login: Login; from: Node; clock: Clock }): Promise<ShellSession> {
    const { login, from, clock } = options;
    const connection = await connect(login, from);
    try {
      const channel = await openShell(connection.client, login);
      const session = new ShellSession({ connection, channel, login, clock });
      await session.#until('after the login', (lines) => (session.#isAtPrompt(lines) ? QUIET_MS : undefined));
      for (const line of login.setup) await session.run(line);
      return session;
    } catch (error) {
      connection.socket.destroy();
      throw error;
    }
  }

  /**
   * Gives a command, and waits until the prompt is back. After an error other than CommandRefused nobody knows where the session stands.
   * @throws CommandRefused with what the gateway printed
   */
  async run(command: string): Promise<Answer> {
    if (this.#lost) throw this.#lost;
    this.#received = '';
    const before = this.#clock.now();
    // What the Enter key sends.
    this.#channel.write(`${command}\r`);
    const lines = await this.#until(`after "${command}"`, (lines) => {
      if (lines.length < 2 || !this.#isAtPrompt(lines)) return undefined;
      return hasEcho(lines, command) ? QUIET_MS : QUIET_WITHOUT_ECHO_MS;
    });
    const after = this.#cameAt;
    const text = answerOf(lines, command);
    const refusal = refusalOf(text, this.#login['fails-on'] ?? USUAL_FAILURE);
    if (refusal !== undefined) throw new CommandRefused(`"${command}" was refused: ${refusal}`);
    return { text, before, after };
  }

  close(): void {
    this.#connection.client.end();
    // A gateway that is gone does not answer a farewell.
    this.#connection.socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    this.#cameAt = this.#clock.now();
    this.#wake();
  }

  #isAtPrompt = (lines: readonly string[]): boolean => this.#prompt.test(lines.at(-1)!);

  /**
   * Waits until enough was received.
   * @param quietAfter for how long nothing must come any more, milliseconds; nothing where more must come
   * @returns the lines that a terminal would show
   */
  async #until(
    when: string,
    quietAfter: (lines: readonly string[]) => number | undefined,
  ): Promise<string[]> {
    const { timeout } = this.#login;
    const end = this.#clock.now() + timeout;
    for (;;) {
      if (this.#lost) throw this.#lost;
      const lines = linesOf(this.#received);
      const last = lines.at(-1)!;
      const isPaging = isPager(last);
      const quiet = isPaging ? QUIET_MS : quietAfter(lines);
      const now = this.#clock.now();
      const dueAt = quiet === undefined ? end : Math.min(end, this.#cameAt + quiet * 1e6);
      if (quiet !== undefined && now >= dueAt) {
        if (!isPaging) return lines;
        throw new Error(`a pager stopped at "${last}" ${when}; turn it off in "setup"`);
      }
      if (now >= end)
        throw new Error(`no prompt within ${formatDuration(timeout)} ${when}; the last line is "${last}"`);
      if (this.#received.length > MOST) throw new Error(`more than ${MOST} characters came ${when}`);
      await this.#news((dueAt - now) / 1e6);
    }
  }

  /** Something came, or the time is over, milliseconds. */
  async #news(within: number): Promise<void> {
    const over = new AbortController();
    const came = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([came, sleep(within, undefined, { signal: over.signal }).catch(() => {})]);
    over.abort();
  }
}

/** What a session goes over. */
interface Connection {
  client: Client;
  socket: Socket;
}

/** Connects from a node's network, and logs in. */
async function connect(login: Login, from: Node): Promise<Connection> {
  const { address, port, user, timeout, 'host-key': wanted } = login;
  const secrets = orRefused(() => secretsOf(login));
  if (from.network === undefined) throw new Error(`node "${from.name}" has no power`);
  // Only those who use it pay for it.
  const { Client } = (await import('ssh2')).default;
  const client = new Client();
  const socket = connectFrom(from.network, address, port);
  let shown: string | undefined;
  // What goes wrong after the login is told to the session.
  client.on('error', () => {});
  client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) =>
    answer(prompts.map(() => secrets.password ?? '')),
  );
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.once('error', reject);
    client.once('close', () => reject(new Error('the gateway closed the connection')));
  });
  try {
    orRefused(() =>
      client.connect({
        sock: socket,
        username: user,
        ...secrets,
        tryKeyboard: secrets.password !== undefined,
        authHandler: secrets.privateKey ? ['publickey'] : ['password', 'keyboard-interactive'],
        readyTimeout: timeout / 1e6,
        algorithms: ALGORITHMS,
        hostVerifier: (key: Buffer) => {
          shown = fingerprintOf(key);
          return wanted === undefined || shown === wanted;
        },
      }),
    );
    await ready;
    return { client, socket };
  } catch (error) {
    ready.catch(() => {});
    socket.destroy();
    const { level, message } = error as Error & { level?: string };
    const at = `the gateway at ${address}`;
    if (wanted !== undefined && shown !== undefined && shown !== wanted)
      throw new LoginRefused(`${at} shows another host key: ${shown}`, { cause: error });
    if (level === 'client-authentication')
      throw new LoginRefused(`${at} does not let "${user}" in`, { cause: error });
    if (error instanceof LoginRefused) throw error;
    throw new Error(`no SSH with ${at}: ${message}`, { cause: error });
  }
}

/** Does what cannot fail for a reason that passes. */
function orRefused<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new LoginRefused((error as Error).message, { cause: error });
  }
}

/** Opens a shell; a gateway may never answer. */
async function openShell(client: Client, { timeout }: Login): Promise<ClientChannel> {
  const opened = new Promise<ClientChannel>((resolve, reject) => {
    client.shell(TERMINAL, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
  const over = new AbortController();
  const none = sleep(timeout / 1e6, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no shell within ${formatDuration(timeout)}`);
  });
  none.catch(() => {});
  try {
    return await Promise.race([opened, none]);
  } finally {
    over.abort();
    opened.catch(() => {});
  }
}
