import type { StreamData } from './probe.js';

/** Keeps what a stream does until it is taken. */
export class StreamLog {
  readonly #stream: number;
  #next = 0;
  #data: StreamData;

  constructor(stream: number) {
    this.#stream = stream;
    this.#data = this.#empty();
  }

  #empty(): StreamData {
    return {
      stream: this.#stream,
      first: this.#next,
      late: [],
      refused: [],
      runs: [],
      after: [],
      corrupted: [],
    };
  }

  /** Number of the packet to send next. */
  get next(): number {
    return this.#next;
  }

  /** The next packet was sent, or its sending was refused with an error code. */
  sent(late: number, error?: string): void {
    if (error !== undefined) {
      const last = this.#data.refused.at(-1);
      if (last && last[2] === error && last[0] + last[1] === this.#next) last[1]++;
      else this.#data.refused.push([this.#next, 1, error]);
    }
    this.#data.late.push(late);
    this.#next++;
  }

  received(number: number, after: number): void {
    const { runs } = this.#data;
    const last = runs[runs.length - 1];
    if (last && last[0] + last[1] === number) last[1]++;
    else runs.push([number, 1]);
    this.#data.after.push(after);
  }

  corrupted(number: number): void {
    this.#data.corrupted.push(number);
  }

  /** What happened since the last call; nothing where nothing did. */
  take(): StreamData[] {
    const data = this.#data;
    this.#data = this.#empty();
    return data.late.length + data.after.length + data.corrupted.length > 0 ? [data] : [];
  }
}
