import type { Instant } from '../linux/clock.js';
import type { Requester, Stream, StreamData } from './probe.js';
import { StreamLog } from './stream-log.js';

/** What a resolver calls it. */
const TIMEOUT = 'ETIMEOUT';

/** A client and what became of its requests. */
interface Client {
  requester: Requester;
  log: StreamLog;
  stream: Stream;
}

/** Has clients make requests on schedule, answered or not, and keeps what became of them. */
export class Asking {
  readonly #clients: readonly Client[];
  readonly #interval: number;
  readonly #timeout: number;
  readonly #now: () => Instant;
  #ended = false;

  /**
   * @param options.open makes a client; there are as many as the parameters say
   * @param options.start when the first of them is to ask
   */
  constructor(options: {
    parameters: { clients: number; interval: number; timeout: number };
    open: () => Requester;
    now: () => Instant;
    start: Instant;
  }) {
    const { parameters, open, now, start } = options;
    const { clients, interval, timeout } = parameters;
    this.#interval = interval;
    this.#timeout = timeout;
    this.#now = now;
    this.#clients = Array.from({ length: clients }, (_, flow) => ({
      requester: open(),
      log: new StreamLog(flow),
      stream: { flow, way: 'round-trip', start: start + Math.floor((flow * interval) / clients) },
    }));
    for (const client of this.#clients) void this.#keepAsking(client);
  }

  get streams(): Stream[] {
    return this.#clients.map(({ stream }) => stream);
  }

  /** Makes the requests of a client when they are due. */
  async #keepAsking({ requester, log, stream }: Client) {
    for (;;) {
      const due = stream.start + log.next * this.#interval;
      await this.#until(due);
      if (this.#ended) return;
      const number = log.next;
      log.sent(this.#now() - due);
      const signal = AbortSignal.timeout(Math.max(1, Math.round(this.#timeout / 1e6)));
      void this.#ask(requester, signal).then(
        (at) => log.received(number, at - due),
        (error: Error & { code?: string }) =>
          log.failed(
            number,
            signal.aborted || error.code === TIMEOUT ? 'timeout' : (error.code ?? error.message),
          ),
      );
    }
  }

  /** Makes one request; resolves with when it was answered. */
  async #ask(requester: Requester, signal: AbortSignal): Promise<Instant> {
    let told: Instant | undefined;
    await requester.ask(signal, (at) => {
      told = at;
    });
    return told ?? this.#now();
  }

  /** Waits for an instant; timers of Node.js count whole milliseconds, and may be early by a part of one. */
  async #until(due: Instant) {
    for (let left = due - this.#now(); left > 0 && !this.#ended; left = due - this.#now())
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK, Math.ceil(left / 1e6))));
  }

  /** What happened since the last call. */
  take(): StreamData[] {
    return this.#clients.flatMap(({ log }) => log.take());
  }

  /** Makes no more requests; what is underway may still end. */
  end(): void {
    this.#ended = true;
    for (const { requester } of this.#clients) requester.close();
  }
}

/** How often it looks whether it is to end while it waits, milliseconds. */
const LOOK = 100;
