import { appendFileSync, openSync, writeSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';

/** How long Docker may take to refuse, milliseconds: Podman answers only when something was printed. */
const REFUSAL_MS = 200;

/** A file that follows what a container prints, across its restarts. */
export class ConsoleFile {
  readonly path: string;
  readonly #descriptor: number;
  #following = new AbortController();

  constructor(path: string) {
    this.path = path;
    appendFileSync(path, '');
    this.#descriptor = openSync(path, 'a');
  }

  /**
   * Follows what the container prints.
   * @param options.since from when on, milliseconds since 1970
   * @param options.isTerminal whether it prints to one
   */
  async follow(
    container: Container,
    { since, isTerminal }: { since: number; isTerminal: boolean },
  ): Promise<void> {
    this.stop();
    this.#following = new AbortController();
    const { signal: abortSignal } = this.#following;
    const answer = container
      .logs({ follow: true, stdout: true, stderr: true, since: since / 1000, abortSignal })
      .then((stream) => this.#take(stream, container, isTerminal));
    await Promise.race([answer, sleep(REFUSAL_MS)]);
  }

  #take(stream: NodeJS.ReadableStream, container: Container, isTerminal: boolean): void {
    const write = (text: Buffer) => void writeSync(this.#descriptor, text);
    stream.on('error', () => {});
    if (isTerminal) {
      // A terminal ends lines with two characters.
      stream.on('data', (chunk: Buffer) =>
        write(Buffer.from(chunk.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')),
      );
      return;
    }
    const pipe = new PassThrough().on('data', write);
    container.modem.demuxStream(stream, pipe, pipe);
  }

  stop(): void {
    this.#following.abort();
  }
}
