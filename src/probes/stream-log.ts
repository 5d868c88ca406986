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
    if (error !== undefined) this.failed(this.#next, error);
    this.#data.late.push(late);
    this.#next++;
  }

  /** A packet was refused, or a request failed, for a reason. */
  failed(number: number, why: string): void {
    const last = this.#data.refused.at(-1);
    if (last && last[2] === why && last[0] + last[1] === number) last[1]++;
    else this.#data.refused.push([number, 1, why]);
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
    const { late, after, corrupted, refused } = data;
    return late.length + after.length + corrupted.length + refused.length > 0 ? [data] : [];
  }
}
