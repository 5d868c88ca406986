import type { Instant } from '../linux/clock.js';
import type { SenderState } from '../linux/tcp-bulk.js';
import type { TransferData } from './probe.js';

/** Bins with everything that a sender tells. */
type Bins = Required<Omit<TransferData, 'early'>>;

const NOTHING: SenderState = { sent: 0, resent: 0, retransmissions: 0, rtt: 0 };

/** Keeps what a stream of a bulk transfer does, bin by bin, until it is taken. */
export class TransferLog {
  readonly #stream: number;
  #data: Bins;
  /** Of the bin that is open. */
  #received = 0;
  #moved = { ...NOTHING };
  /** What the kernel said last of the connection that sends now. */
  #last = NOTHING;

  constructor(stream: number, start: Instant) {
    this.#stream = stream;
    this.#data = this.#empty(start);
  }

  #empty(from: Instant): Bins {
    return {
      stream: this.#stream,
      from,
      at: [],
      received: [],
      sent: [],
      resent: [],
      retransmissions: [],
      rtt: [],
    };
  }

  /** The receiving application got so many bytes. */
  received(bytes: number): void {
    this.#received += bytes;
  }

  /** What the kernel says now of the connection that sends. */
  sender(state: SenderState): void {
    for (const key of ['sent', 'resent', 'retransmissions'] as const)
      this.#moved[key] += state[key] - this.#last[key];
    this.#moved.rtt = state.rtt;
    this.#last = state;
  }

  /** The connection that sent is no more; the next one counts from zero. */
  disconnected(): void {
    this.#last = NOTHING;
    this.#moved.rtt = 0;
  }

  /** Ends a bin. */
  close(at: Instant): void {
    const data = this.#data;
    data.at.push(at);
    data.received.push(this.#received);
    for (const key of ['sent', 'resent', 'retransmissions', 'rtt'] as const) data[key].push(this.#moved[key]);
    this.#received = 0;
    this.#moved = { ...NOTHING, rtt: this.#moved.rtt };
  }

  /** The bins since the last call; nothing where there is none. */
  take(): TransferData[] {
    const data = this.#data;
    const end = data.at.at(-1);
    if (end === undefined) return [];
    this.#data = this.#empty(end);
    return [data];
  }
}
