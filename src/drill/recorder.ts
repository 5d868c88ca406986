import { DrillData } from '../analysis/drill-data.js';
import type { Event } from '../recording/events.js';
import type { RecordingWriter } from '../recording/writer.js';

/** Writes every event down and keeps what it means for the running drill. */
export class Recorder {
  readonly data = new DrillData();
  readonly #writer: RecordingWriter;
  readonly #notice: (event: Event) => void;
  /** Why nothing can be written any more. */
  broken: Error | undefined;
  /** Told when that happens. */
  onBroken: (error: Error) => void = () => {};

  /** @param notice told of every event, for showing progress */
  constructor(writer: RecordingWriter, notice: (event: Event) => void) {
    this.#writer = writer;
    this.#notice = notice;
  }

  add(event: Event): void {
    this.#attempt(() => this.#writer.write(event));
    this.data.add(event);
    this.#notice(event);
  }

  /** As `add`, and on disk when it returns. Throws where that is not possible: nothing may be broken that could not be undone. */
  commit(event: Event): void {
    this.add(event);
    this.#attempt(() => this.#writer.sync());
    if (this.broken) throw this.broken;
  }

  /** Writes the last line. Nothing may follow. */
  seal(): void {
    this.#attempt(() => this.#writer.seal());
  }

  flush(): void {
    this.#attempt(() => this.#writer.flush());
  }

  #attempt(act: () => void): void {
    if (this.broken) return;
    try {
      act();
    } catch (error) {
      this.broken = error as Error;
      this.onBroken(this.broken);
    }
  }
}
