import { CleanUp } from '../cleanup.js';
import type { Bracket, Clock } from '../linux/clock.js';
import type { Hook } from '../linux/egress.js';
import { openFrameSocket } from '../linux/frames.js';
import { close } from '../linux/libc.js';
import { listLinks } from '../linux/links.js';
import { insideNetwork } from '../linux/namespaces.js';
import { Netlink } from '../linux/netlink.js';
import { hasTun, openTap, type Tap, takeWhole } from '../linux/tap.js';
import type { Attachment, Egress, EngineKind, EngineOptions, NetemEngine } from './engine.js';
import { LARGEST_MTU } from './frame-store.js';
import { Gate } from './gate.js';
import { type Impairment, isConstantDelay, isPureLoss } from './impairment.js';
import { lossModel } from './loss.js';
import type { Match } from './match.js';
import { Relay } from './relay.js';
import { type Counters, noCounters } from './stage.js';

/** The userspace engine with its programs at one hook of the kernel, or at the newest that there is. */
export const userspaceAt = (hook?: Hook): EngineKind => ({
  name: 'userspace',
  description: 'a program in the kernel for loss, a relay outside it for all else; needs TUN',
  isHere: async () => hasTun(),
  refuses: () => undefined,
  start: (options) => UserspaceEngine.start({ ...options, hook }),
});

/** Impairs packets on kernels without netem, and what netem cannot: some packets of an interface, several impairments at once. */
export const userspace = userspaceAt();

/**
 * Impairs packets on kernels without netem. A gate in the kernel loses packets by itself where only loss is asked for; for all else it hands
 * them to a relay, a thread that sends them on when they are due. Nothing of it outlives this process.
 */
class UserspaceEngine implements NetemEngine {
  readonly #relay: Relay;
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #hook: Hook | undefined;
  readonly #opened = new CleanUp();
  readonly #places = new Map<string, number>();
  #ports = 0;

  private constructor(options: { relay: Relay; clock: Clock; seed: number; hook: Hook | undefined }) {
    this.#relay = this.#opened.use(options.relay);
    this.#clock = options.clock;
    this.#seed = options.seed;
    this.#hook = options.hook;
  }

  static async start(options: EngineOptions & { hook: Hook | undefined }): Promise<UserspaceEngine> {
    return new UserspaceEngine({ ...options, relay: await Relay.start(options) });
  }

  async attach({
    egress,
    matches = [],
  }: {
    egress: Egress;
    matches?: readonly Match[];
  }): Promise<Attachment> {
    const { network, index } = egress;
    const port = ++this.#ports;
    const key = `${network} ${index}`;
    const place = (this.#places.get(key) ?? 0) + 1;
    this.#places.set(key, place);
    const parts = insideNetwork(network, () => {
      using netlink = new Netlink();
      const mtu = listLinks(netlink).find((link) => link.index === index)?.mtu;
      if (mtu === undefined) throw new Error(`there is no interface ${index} to impair`);
      if (mtu > LARGEST_MTU)
        throw new Error(`an MTU of ${mtu} is more than the relay can hold; it can ${LARGEST_MTU}`);
      const gate = new Gate({ index, place, matches, hook: this.#hook });
      const tap = openTap({ name: `netem${port}`, mtu });
      return { gate, tap, out: openFrameSocket({ index, mark: gate.mark, hasHeader: true }) };
    });
    const { gate, tap, out } = parts;
    await this.#relay.order({ order: 'open', port, tap: tap.descriptor, out });
    this.#opened.defer(async () => {
      gate[Symbol.dispose]();
      await this.#relay.order({ order: 'close', port });
      close(tap.descriptor);
      close(out);
    });
    const seed = this.#seed + port;
    return new UserspaceAttachment({
      relay: this.#relay,
      clock: this.#clock,
      gate,
      tap,
      port,
      seed,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened[Symbol.asyncDispose]();
  }
}

class UserspaceAttachment implements Attachment {
  readonly #relay: Relay;
  readonly #clock: Clock;
  readonly #gate: Gate;
  readonly #tap: Tap;
  readonly #port: number;
  readonly #seed: number;
  readonly #inForce = new Map<string, Impairment>();
  /** Names of the impairments that the relay knows. */
  readonly #relayed = new Set<string>();
  #isWhole = false;
  /** What the gate did before the impairment that it does now. */
  #before = { packets: 0, lost: 0 };

  constructor(options: {
    relay: Relay;
    clock: Clock;
    gate: Gate;
    tap: Tap;
    port: number;
    seed: number;
  }) {
    this.#relay = options.relay;
    this.#clock = options.clock;
    this.#gate = options.gate;
    this.#tap = options.tap;
    this.#port = options.port;
    this.#seed = options.seed;
  }

  async set(name: string, impairment: Impairment): Promise<Bracket> {
    this.#inForce.set(name, impairment);
    return this.#apply(name);
  }

  async clear(name: string): Promise<Bracket> {
    this.#inForce.delete(name);
    return this.#apply(name);
  }

  /** Makes gate and relay do what is in force; the bracket is of what was changed under one name. */
  async #apply(changed: string): Promise<Bracket> {
    const inForce = [...this.#inForce];
    const [only] = inForce.length === 1 ? inForce : [];
    if (inForce.length === 0 || (only && isPureLoss(only[1]))) {
      const loss = lossModel(only?.[1] ?? {});
      const bracket = this.#setGate({ loss, redirect: 0 });
      for (const name of [...this.#relayed]) await this.#setRelay(name);
      return bracket;
    }
    // Frames of many segments are cut apart by the kernel, unless all that happens to each is the same.
    const isWhole = inForce.every(([, impairment]) => isConstantDelay(impairment));
    if (!isWhole) this.#takeWhole(false);
    const wasRelayed = this.#relayed.size > 0;
    let bracket: Bracket | undefined;
    for (const name of new Set([...this.#inForce.keys(), ...this.#relayed])) {
      if (name !== changed && this.#relayed.has(name)) continue;
      const done = await this.#setRelay(name);
      if (name === changed) bracket = done;
    }
    if (isWhole) this.#takeWhole(true);
    const redirect = this.#tap.index;
    return wasRelayed && bracket ? bracket : this.#setGate({ loss: { model: 'none' }, redirect });
  }

  #takeWhole(isWhole: boolean) {
    if (isWhole !== this.#isWhole) takeWhole(this.#tap.descriptor, isWhole);
    this.#isWhole = isWhole;
  }

  #setGate(order: Parameters<Gate['set']>[0]): Bracket {
    const [, bracket] = this.#clock.bracket(() => this.#gate.set(order));
    this.#before = this.#gate.counters;
    return bracket;
  }

  async #setRelay(name: string): Promise<Bracket> {
    const impairment = this.#inForce.get(name);
    if (impairment) this.#relayed.add(name);
    else this.#relayed.delete(name);
    const { before, after } = await this.#relay.order({
      order: 'set',
      port: this.#port,
      stage: name,
      impairment,
      seed: this.#seed,
    });
    return { before, after };
  }

  async counters(name: string): Promise<Counters> {
    if (this.#relayed.has(name)) {
      const { counters } = await this.#relay.order({ order: 'count', port: this.#port, stage: name });
      return counters ?? noCounters();
    }
    const { packets, lost } = this.#gate.counters;
    return { ...noCounters(), packets: packets - this.#before.packets, lost: lost - this.#before.lost };
  }
}
