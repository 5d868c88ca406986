import { call, close } from '../linux/libc.js';
import { Thread } from '../linux/thread.js';
import type { EngineOptions } from './engine.js';
import type { RelayAnswer, RelayMessage, RelayOrder } from './relay-worker.js';

const EFD_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;

/** The thread that delays frames, seen from outside. */
export class Relay implements AsyncDisposable {
  readonly #thread: Thread<RelayMessage>;
  readonly #wake: number;
  readonly #waiting: ((answer: RelayAnswer) => void)[];

  private constructor(options: {
    thread: Thread<RelayMessage>;
    wake: number;
    waiting: ((answer: RelayAnswer) => void)[];
  }) {
    this.#thread = options.thread;
    this.#wake = options.wake;
    this.#waiting = options.waiting;
  }

  static async start({ clock, late, fail }: EngineOptions): Promise<Relay> {
    const wake = call('eventfd', 0, EFD_NONBLOCK_CLOEXEC);
    const waiting: ((answer: RelayAnswer) => void)[] = [];
    const thread = await Thread.start<RelayMessage>({
      module: 'netem/relay-worker',
      data: { anchor: clock.anchor, wake },
      hear: (message) => {
        if (message.kind === 'late') late(message);
        else waiting.shift()!(message);
      },
      fail,
    });
    return new Relay({ thread, wake, waiting });
  }

  /** Gives an order; orders are carried out one after the other. */
  async order(order: RelayOrder): Promise<RelayAnswer> {
    const answer = new Promise<RelayAnswer>((resolve) => this.#waiting.push(resolve));
    this.#thread.post(order);
    const one = Buffer.alloc(8);
    one.writeBigUInt64LE(1n);
    call('write', this.#wake, one, one.length);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]();
    close(this.#wake);
  }
}
