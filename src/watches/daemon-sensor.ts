import { DescriptorSet } from '../linux/descriptor-set.js';
import { close } from '../linux/libc.js';
import { Timer } from '../linux/timer.js';
import type { Seen, Sensor, Sight } from './watch.js';

/** A conversation with a daemon that tells of its changes of state. */
export interface Conversation {
  /** Hears what the daemon said; throws where it has ended or cannot be understood. */
  read(): void;
  close(): void;
}

/** How a conversation is begun; where that throws, what was listened to is closed. */
export type Converse = (hooks: {
  /** Told of what is so: first when the daemon was asked, then of each change. */
  tell: (seen: Seen) => void;
  /** Told of each descriptor by which the daemon speaks. */
  listen: (descriptor: number) => void;
}) => Conversation;

/** How long a daemon may take to answer when a watch is armed, milliseconds: a lab's daemons start beside one another. */
const PATIENCE = 10_000;

/** Time from one attempt to reach a daemon that is gone to the next, nanoseconds. */
const AGAIN = 50e6;

/**
 * Senses what a daemon tells of itself. While the daemon is gone the state is unknown; it is asked anew when it is back.
 * @throws where the daemon does not answer while the watch is armed
 */
export class DaemonSensor implements Sensor {
  readonly initial: Sight;
  readonly #converse: Converse;
  readonly #daemon: string;
  readonly #set = new DescriptorSet();
  readonly #timer = new Timer();
  #conversation: Conversation | undefined;
  #last: Sight | undefined;
  #news: Seen[] = [];

  /**
   * @param daemon what to call it in messages, as `charon at /run/charon.vici`
   * @param silence what it means that it says nothing while the watch is armed
   */
  constructor(options: { daemon: string; silence?: string; converse: Converse }) {
    this.#daemon = options.daemon;
    this.#converse = options.converse;
    this.#set.add(this.#timer.descriptor);
    try {
      this.initial = this.#begin(options.silence);
    } catch (error) {
      this.close();
      throw error;
    }
    this.#news = [];
  }

  #begin(silence = 'it does not answer'): Sight {
    let why = silence;
    for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
      const failed = this.#open();
      if (failed) {
        why = failed.message;
        // The timer rings by then.
        this.#set.wait(AGAIN / 1e6);
        continue;
      }
      while (this.#conversation && performance.now() < end) {
        const lost = this.#hear();
        if (lost) why = lost.message;
        else if (this.#last && !this.#last.unknown) return this.#last;
        this.#set.wait(end - performance.now());
      }
    }
    throw new Error(`${this.#daemon} cannot be watched: ${why}`);
  }

  get descriptor(): number {
    return this.#set.descriptor;
  }

  /** Begins a conversation; returns why that failed. */
  #open(): Error | undefined {
    this.#timer.clear();
    const listened: number[] = [];
    try {
      this.#conversation = this.#converse({
        tell: (seen) => this.#tell(seen),
        listen: (descriptor) => {
          listened.push(descriptor);
          this.#set.add(descriptor);
        },
      });
      return undefined;
    } catch (error) {
      // What did not become a conversation cannot be closed as one.
      for (const descriptor of listened) close(descriptor);
      this.#timer.set(AGAIN);
      return error as Error;
    }
  }

  /** Hears what there is; where the conversation ends by it, returns why. */
  #hear(): Error | undefined {
    try {
      this.#conversation?.read();
      return undefined;
    } catch (error) {
      this.#conversation?.close();
      this.#conversation = undefined;
      this.#timer.set(AGAIN);
      return error as Error;
    }
  }

  #tell(seen: Seen): void {
    const last = this.#last;
    this.#last = seen;
    if (last?.active !== seen.active || last.unknown !== seen.unknown) this.#news.push(seen);
  }

  read(): Seen[] {
    if (!this.#conversation) this.#open();
    const lost = this.#hear();
    const news = this.#news;
    this.#news = [];
    if (!lost || this.#last?.unknown) return news;
    this.#last = {
      active: false,
      unknown: true,
      detail: `unknown: ${this.#daemon} cannot be asked: ${lost.message}`,
    };
    return [...news, this.#last];
  }

  close(): void {
    this.#conversation?.close();
    this.#timer.close();
    this.#set.close();
  }
}
