import pc from 'picocolors';
import type { Event } from '../recording/events.js';
import { formatDuration } from '../scenario/units.js';

type EventOf<K extends Event['k']> = Extract<Event, { k: K }>;

/** Prints how a drill goes on standard error: a line for each thing that happens, and on a terminal one that lives. */
export class Progress {
  readonly #start = Date.now();
  readonly #isLive = process.stderr.isTTY === true;
  #where = '';
  /** What follows the number of a trial. */
  #trials = '';
  /** Packets sent and received since the last time the living line was drawn. */
  #sent = 0;
  #received = 0;

  /** Takes an event that was recorded. */
  notice(event: Event): void {
    const show = this.#shows[event.k] as ((event: Event) => void) | undefined;
    show?.(event);
  }

  /** Takes the living line away. */
  end(): void {
    if (this.#isLive) process.stderr.write('\r\x1b[K');
  }

  #say(text: string): void {
    this.end();
    const seconds = ((Date.now() - this.#start) / 1000).toFixed(1).padStart(6);
    process.stderr.write(`${pc.dim(`${seconds} s`)}  ${text}\n`);
  }

  #phase(text: string): void {
    this.#where = text;
    this.#say(text);
  }

  readonly #shows: { [K in Event['k']]?: (event: EventOf<K>) => void } = {
    scenario: ({ scenario }) => {
      const until = scenario['until-decided'];
      this.#trials = until ? ` of at most ${Math.max(until.most, scenario.trials)}` : `/${scenario.trials}`;
      this.#phase(`deploying the lab for ${pc.bold(scenario.name)}`);
    },
    lab: ({ before, after }) =>
      this.#phase(`lab up in ${formatDuration(after - before)}, waiting for the steady state`),
    netem: ({ engine }) => this.#say(pc.dim(`packets are impaired by the ${engine} engine`)),
    trial: ({ trial, attempt }) =>
      this.#phase(`${pc.bold(`trial ${trial}${this.#trials}`)}${attempt > 1 ? `, attempt ${attempt}` : ''}`),
    steady: ({ when, failed }) => {
      if (failed !== undefined)
        this.#say(pc.red(`  not ${when === 'before' ? 'steady' : 'restored'}: ${failed}`));
      else this.#say(when === 'before' ? '  steady' : '  restored');
    },
    step: ({ text }) => this.#phase(`  ${text}`),
    fault: ({ action, fault, proof }) => {
      this.#say(pc.dim(`    ${action === 'inject' ? fault : `${fault} cleared`}: ${proof}`));
    },
    signal: ({ watch, active, detail }) => {
      this.#say(pc.cyan(`    ${watch}${active ? '' : ' no longer'}: ${detail}`));
    },
    wait: ({ for: what, met }) => {
      if (!met) this.#say(pc.yellow(`    no ${what} in time`));
    },
    check: ({ condition, met }) => this.#say(met ? `    ✓ ${condition}` : pc.red(`    ✗ ${condition}`)),
    abort: ({ reason }) => this.#say(pc.red(`aborted: ${reason}`)),
    problem: ({ text }) => this.#say(pc.yellow(`! ${text}`)),
    packets: ({ late = [], after = [] }) => {
      this.#sent += late.length;
      this.#received += after.length;
    },
    prober: () => {
      const lost = Math.max(0, 1 - this.#received / Math.max(1, this.#sent));
      if (this.#isLive) {
        const text = `${this.#where.trim()}, losing ${(lost * 100).toFixed(0)} %`;
        process.stderr.write(`\r\x1b[K${pc.dim(text.slice(0, (process.stderr.columns ?? 80) - 1))}`);
      }
      this.#sent = 0;
      this.#received = 0;
    },
  };
}
