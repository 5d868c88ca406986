import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Instant } from '../linux/clock.js';
import { type Watch, watchKind } from './registry.js';
import type { Sight, Signal, WatchKind } from './watch.js';

/** How long the last answer stands while another one is waited for, nanoseconds; from then on nobody knows. */
const PATIENCE = 1e9;

const unknown = (why: string): Sight => ({ active: false, unknown: true, detail: `unknown: ${why}` });

/** Looks again and again, for a watch that polls. */
export class Looker {
  readonly #kind: WatchKind;
  readonly #parameters: Watch;
  readonly #look: () => Promise<Sight>;
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #tell: (signal: Signal) => void;
  #last: (Sight & { started: Instant }) | undefined;
  #end: AbortSignal | undefined;

  /**
   * @param look looks once
   * @param tell told of each change
   */
  constructor(options: {
    parameters: Watch;
    look: () => Promise<Sight>;
    clock: Clock;
    tell: (signal: Signal) => void;
  }) {
    const { parameters, look, clock, tell } = options;
    this.#kind = watchKind(parameters);
    this.#parameters = parameters;
    this.#look = look;
    this.#clock = clock;
    this.#tell = tell;
    this.#interval = this.#kind.interval?.(parameters as never) ?? this.#resolution;
  }

  get #resolution(): number {
    return this.#kind.resolution(this.#parameters as never);
  }

  /** Looks once. A look that fails leaves nobody knowing, and so does one that takes long, until it is done. */
  async look(): Promise<void> {
    const started = this.#clock.now();
    const late = setTimeout(
      () => this.#note(unknown('there is no answer yet'), started),
      Math.max(PATIENCE, 2 * this.#interval) / 1e6,
    );
    const sight = await this.#look().catch((error: Error) => unknown(error.message));
    clearTimeout(late);
    this.#note(sight, started);
  }

  #note(sight: Sight, started: Instant): void {
    const last = this.#last;
    const isNews = sight.active !== (last?.active ?? false) || sight.unknown !== last?.unknown;
    // What is looked at may have been so for as long as it is coarse.
    const before = (last?.started ?? started) - (last ? this.#resolution - this.#interval : 0);
    if (isNews && !this.#end?.aborted) this.#tell({ ...sight, before, after: this.#clock.now() });
    this.#last = { ...sight, started };
  }

  /** Goes on looking, an interval after the last look began, until it is told to end. */
  async run(end: AbortSignal): Promise<void> {
    this.#end = end;
    while (!end.aborted) {
      const rest = (this.#last!.started + this.#interval - this.#clock.now()) / 1e6;
      if (rest > 0) await sleep(rest, undefined, { signal: end }).catch(() => {});
      if (!end.aborted) await this.look();
    }
  }
}
