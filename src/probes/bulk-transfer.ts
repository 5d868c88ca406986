import type { Instant } from '../linux/clock.js';
import { close, SystemError } from '../linux/libc.js';
import { insideNetwork } from '../linux/namespaces.js';
import { acceptTcp, listenTcp } from '../linux/tcp.js';
import { widenBuffers } from '../linux/tcp-bulk.js';
import { type BulkParameters, waysOf } from './bulk.js';
import { BulkFlow, prepareSender } from './bulk-flow.js';
import { BulkGreeting } from './bulk-greeting.js';
import { portsOf } from './ports.js';
import type { ProbeData, ProbeSetup } from './probe.js';

/** All flows of a bulk transfer, and the port that they go to. */
export class BulkTransfer {
  readonly flows: readonly BulkFlow[];
  readonly #setup: ProbeSetup<BulkParameters>;
  readonly #listener: number;
  /** Accepted connections that have not yet said what they are for. */
  readonly #strangers = new Map<number, BulkGreeting>();
  #foreign = 0;

  constructor(setup: ProbeSetup<BulkParameters>) {
    this.#setup = setup;
    const { parameters, to, index } = setup;
    const any = to.address.includes(':') ? '::' : '0.0.0.0';
    this.#listener = insideNetwork(to.network, () => listenTcp(any, portsOf(index).server));
    widenBuffers(this.#listener);
    const ways = waysOf(parameters);
    this.flows = Array.from({ length: parameters.flows * ways.length }, (_, number) => {
      const way = ways[number % ways.length]!;
      return new BulkFlow({ setup, flow: Math.floor(number / ways.length), way, number });
    });
  }

  /** Moves everything on; to be called every few milliseconds. */
  run(now: Instant): void {
    this.#accept();
    for (const [descriptor, greeting] of this.#strangers) this.#introduce(descriptor, greeting);
    for (const flow of this.flows) flow.run(now);
  }

  #accept(): void {
    for (
      let descriptor = acceptTcp(this.#listener);
      descriptor !== undefined;
      descriptor = acceptTcp(this.#listener)
    ) {
      prepareSender(descriptor, this.#setup.parameters);
      this.#strangers.set(descriptor, new BulkGreeting());
    }
  }

  /** Hands a new connection to the flow that it is for. */
  #introduce(descriptor: number, greeting: BulkGreeting): void {
    const { tag, index } = this.#setup;
    try {
      const said = greeting.read(descriptor, tag, index);
      if (said === 'more') return;
      this.#strangers.delete(descriptor);
      if (said === 'foreign') this.#foreign++;
      else if (this.flows[said.flow]?.serve(descriptor, said.connection)) return;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#strangers.delete(descriptor);
    }
    close(descriptor);
  }

  /** Ends a bin of every flow at this instant: all that was received before has been taken. */
  closeBin(at: Instant): void {
    for (const flow of this.flows) {
      flow.look();
      flow.log.close(at);
    }
  }

  take(): ProbeData {
    const data = {
      streams: [],
      transfers: this.flows.flatMap(({ log }) => log.take()),
      sessions: this.flows.flatMap((flow) => flow.takeEvents()),
      foreign: this.#foreign,
      dropped: 0,
    };
    this.#foreign = 0;
    return data;
  }

  close(): void {
    for (const flow of this.flows) flow.close();
    for (const descriptor of this.#strangers.keys()) close(descriptor);
    close(this.#listener);
  }
}
