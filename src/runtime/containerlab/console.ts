import { appendFileSync, openSync, writeSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { Container } from 'dockerode';

/** A file that follows what a container prints, across its restarts. */
export class ConsoleFile {
  readonly path: string;
  readonly #descriptor: number;
  #stream: NodeJS.ReadableStream | undefined;

  constructor(path: string) {
    this.path = path;
    appendFileSync(path, '');
    this.#descriptor = openSync(path, 'a');
  }

  /** Follows what the container prints, from an instant on: milliseconds since 1970. */
  async follow(container: Container, since: number): Promise<void> {
    this.stop();
    const { Config } = await container.inspect();
    const stream = await container.logs({
      follow: true,
      stdout: true,
      stderr: true,
      since: since / 1000,
    });
    this.#stream = stream;
    const write = (text: Buffer) => void writeSync(this.#descriptor, text);
    stream.on('error', () => {});
    if (Config.Tty) {
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
    (this.#stream as { destroy?: () => void } | undefined)?.destroy?.();
    this.#stream = undefined;
  }
}
