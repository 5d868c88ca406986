import { ByteStream, connectLocal } from '../linux/byte-stream.js';
import { pathInRoot } from '../linux/in-root.js';
import type { Conversation } from './daemon-sensor.js';
import type { WallInstant, WatchSite } from './watch.js';

/** Path of a socket that a daemon of FRR listens at. */
export const frrSocket = ({ files }: WatchSite, name: string): string =>
  pathInRoot(files, `/run/frr/${name}`);

/** Longest answer of a daemon, bytes. */
const LONGEST = 64 << 20;

/** The terminal that vtysh uses: a command up to a zero, an answer up to three zeros and the command's return code. */
export class FrrTerminal implements Conversation {
  readonly #stream: ByteStream;
  readonly #waiting: ((answer: string) => void)[] = [];
  #rest = Buffer.alloc(0);

  /** @throws SystemError where the daemon does not listen */
  constructor(path: string, listen: (descriptor: number) => void) {
    this.#stream = connectLocal(path);
    listen(this.#stream.descriptor);
    this.ask('enable', () => {});
  }

  /** Asks; the answer comes while the terminal is read. */
  ask(command: string, answered: (answer: string) => void): void {
    this.#stream.write(Buffer.from(`${command}\0`));
    this.#waiting.push(answered);
  }

  /** A descriptor that the daemon passed with its answer. */
  takePassed(): number | undefined {
    return this.#stream.takePassed();
  }

  read(): void {
    for (let bytes = this.#stream.read(); bytes; bytes = this.#stream.read()) {
      if (bytes.length === 0) throw new Error('it closed the connection');
      this.#rest = Buffer.concat([this.#rest, bytes]);
      if (this.#rest.length > LONGEST) throw new Error('its answer has no end');
    }
    for (let end = this.#rest.indexOf(END); end >= 0 && end + 4 <= this.#rest.length; ) {
      const answer = this.#rest.toString('utf8', 0, end);
      this.#rest = this.#rest.subarray(end + 4);
      this.#waiting.shift()?.(answer);
      end = this.#rest.indexOf(END);
    }
  }

  close(): void {
    this.#stream.close();
  }
}

const END = Buffer.alloc(3);

/** A line that a daemon logs, and when. */
export interface FrrLine {
  text: string;
  at: WallInstant;
}

/** Length of the fixed part of `struct zlog_live_hdr` (lib/zlog_live.h of FRR). */
const LINE_HEADER = 72;

/** Reads a message of the live log; nothing where it is none. `lost` counts the messages that went before it unsent. */
export function parseFrrLine(message: Buffer): (FrrLine & { lost: number }) | undefined {
  if (message.length < LINE_HEADER) return undefined;
  const start = message.readUInt32LE(12);
  const length = message.readUInt32LE(44);
  if (start < LINE_HEADER || start + length > message.length) return undefined;
  const at = { seconds: Number(message.readBigUInt64LE(0)), nanoseconds: message.readUInt32LE(8) };
  return { text: message.toString('utf8', start, start + length), at, lost: message.readUInt32LE(32) };
}

/** What a watch of a routing protocol's neighbours brings along. */
export interface FrrNeighbours {
  /** Says what has to be added to a configuration so that the daemon logs changes; nothing where it does. */
  lacks(configuration: string): string | undefined;
  /** Command that shows the neighbours as JSON. */
  show: string;
  /** Takes what it shows. */
  take(answer: unknown): void;
  /** Takes a line of its log. */
  hear(line: FrrLine): void;
}

/**
 * Follows the neighbours of a daemon: how they are at first by its terminal, then by the lines that it logs, as `terminal monitor` shows
 * them. Where lines go to and which of them are written there makes no difference.
 */
export class FrrLog implements Conversation {
  readonly #terminal: FrrTerminal;
  readonly #neighbours: FrrNeighbours;
  #log: ByteStream | undefined;

  constructor(
    { path, neighbours }: { path: string; neighbours: FrrNeighbours },
    listen: (descriptor: number) => void,
  ) {
    this.#neighbours = neighbours;
    this.#terminal = new FrrTerminal(path, listen);
    this.#terminal.ask('show running-config', (configuration) => {
      const missing = neighbours.lacks(configuration);
      if (missing) throw new Error(missing);
    });
    this.#terminal.ask('terminal monitor', (answer) => {
      const log = this.#terminal.takePassed();
      if (log === undefined)
        throw new Error(`its log cannot be followed, as FRR 8 and later can: ${answer.trim()}`);
      listen(log);
      this.#log = new ByteStream(log);
      this.#ask();
    });
  }

  #ask(): void {
    this.#terminal.ask(this.#neighbours.show, (answer) => this.#neighbours.take(parseShown(answer)));
  }

  read(): void {
    this.#terminal.read();
    for (let message = this.#log?.read(); message; message = this.#log?.read()) {
      if (message.length === 0) throw new Error('it closed its log');
      const line = parseFrrLine(message);
      if (line === undefined) continue;
      this.#neighbours.hear(line);
      if (line.lost > 0) this.#ask();
    }
  }

  close(): void {
    this.#log?.close();
    this.#terminal.close();
  }
}

/** Reads what a daemon shows as JSON. */
export function parseShown(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    throw new Error(`it answers ${JSON.stringify(answer.slice(0, 80))}`);
  }
}
