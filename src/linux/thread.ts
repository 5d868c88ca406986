import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { compiled } from '../paths.js';

/**
 * A worker thread whose loop blocks in native calls: it is told to end through shared memory, and says `{ kind: 'armed' }` when it has
 * opened what it needs.
 */
export class Thread<Message extends { kind: string }> implements AsyncDisposable {
  readonly #stop: Int32Array;
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  /** What it said when it was ready. */
  readonly armed: Extract<Message, { kind: 'armed' }>;

  private constructor(options: {
    worker: Worker;
    stop: Int32Array;
    ended: Promise<unknown>;
    armed: Extract<Message, { kind: 'armed' }>;
  }) {
    this.#worker = options.worker;
    this.#stop = options.stop;
    this.#ended = options.ended;
    this.armed = options.armed;
  }

  /**
   * Starts a thread; resolves when it is armed, rejects where it fails before that.
   * @param module path under src/, without ending
   * @param data handed over with the `stop` buffer added
   * @param fail told of a failure later on
   */
  static async start<Message extends { kind: string }>(options: {
    module: string;
    data: object;
    hear: (message: Exclude<Message, { kind: 'armed' }>) => void;
    fail: (error: Error) => void;
  }): Promise<Thread<Message>> {
    const buffer = new SharedArrayBuffer(4);
    const worker = new Worker(compiled(options.module), { workerData: { ...options.data, stop: buffer } });
    const ended = once(worker, 'exit');
    // The exit is awaited at the end only; a failure before is told below.
    ended.catch(() => {});
    const armed = await new Promise<Extract<Message, { kind: 'armed' }>>((resolve, reject) => {
      let fail: (error: Error) => void = reject;
      worker.on('error', (error) => fail(error as Error));
      worker.on('message', (message: Message) => {
        if (message.kind === 'armed') {
          fail = options.fail;
          resolve(message as Extract<Message, { kind: 'armed' }>);
        } else options.hear(message as Exclude<Message, { kind: 'armed' }>);
      });
    });
    return new Thread({ worker, stop: new Int32Array(buffer), ended, armed });
  }

  /** Says something to the thread; it reads it when it looks. */
  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /** Ends the thread; all that it said has been heard when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    Atomics.store(this.#stop, 0, 1);
    await this.#ended.catch(() => {});
    await this.#worker.terminate();
  }
}
