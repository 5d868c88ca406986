import pc from 'picocolors';
import { describeAct } from '../analysis/operator-words.js';
import type { Event, EventOf } from '../recording/events.js';
import { formatDuration } from '../scenario/units.js';
import { PlainScreen, type Screen } from './screen.js';

/** Prints how a drill goes on standard error: a line for each thing that happens, and on a terminal one that lives. */
export class Progress {
  readonly #start = Date.now();
  readonly #screen: Screen;
  #where = '';
  /** What follows the number of a trial. */
  #trials = '';
  /** Packets sent and received since the last time the living line was drawn. */
  #sent = 0;
  #received = 0;

  constructor(screen: Screen = new PlainScreen()) {
    this.#screen = screen;
  }

  /** Takes an event that was recorded. */
  notice(event: Event): void {
    const show = this.#shows[event.k] as ((event: Event) => void) | undefined;
    show?.(event);
  }

  /** Takes the living line away. */
  end(): void {
    this.#screen.end();
  }

  #say(text: string): void {
    const seconds = ((Date.now() - this.#start) / 1000).toFixed(1).padStart(6);
    this.#screen.say(`${pc.dim(`${seconds} s`)}  ${text}`);
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
    instruction: ({ skipped, expect, evidence }) => {
      if (skipped) this.#say(pc.yellow('    nobody is asked'));
      if (skipped || (expect === undefined && evidence === undefined)) return;
      const planned = expect === undefined ? [] : [`planned ${formatDuration(expect)}`];
      const wanted = evidence === undefined ? [] : [`attach ${evidence}`];
      this.#say(pc.cyan(`    ${[...planned, ...wanted].join('; ')}`));
    },
    unanswered: () => this.#say(pc.yellow('    not answered in time')),
    operator: (act) => this.#say(pc.cyan(`    ${describeAct(act)}`)),
    abort: ({ reason }) => this.#say(pc.red(`aborted: ${reason}`)),
    problem: ({ text }) => this.#say(pc.yellow(`! ${text}`)),
    packets: ({ late = [], after = [] }) => {
      this.#sent += late.length;
      this.#received += after.length;
    },
    prober: () => {
      const lost = Math.max(0, 1 - this.#received / Math.max(1, this.#sent));
      this.#screen.live(`${this.#where.trim()}, losing ${(lost * 100).toFixed(0)} %`);
      this.#sent = 0;
      this.#received = 0;
    },
  };
}
