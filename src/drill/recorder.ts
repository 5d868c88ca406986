import { DrillData } from '../analysis/drill-data.js';
import type { Event } from '../recording/events.js';
import type { RecordingWriter } from '../recording/writer.js';

/** Writes every event down and keeps what it means for the running drill. */
export class Recorder {
  readonly data = new DrillData();
  readonly #writer: RecordingWriter;
  readonly #notice: (event: Event) => void;

  /** @param notice told of every event, for showing progress */
  constructor(writer: RecordingWriter, notice: (event: Event) => void) {
    this.#writer = writer;
    this.#notice = notice;
  }

  add(event: Event): void {
    this.#writer.write(event);
    this.data.add(event);
    this.#notice(event);
  }

  /** As `add`, and on disk when it returns. */
  commit(event: Event): void {
    this.#writer.commit(event);
    this.data.add(event);
    this.#notice(event);
  }

  flush(): void {
    this.#writer.flush();
  }
}
