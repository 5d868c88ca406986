import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CleanUp } from '../../cleanup.js';
import type { Bracket, Clock } from '../../linux/clock.js';
import { listLinks } from '../../linux/links.js';
import { insideNetwork } from '../../linux/namespaces.js';
import { Netlink } from '../../linux/netlink.js';
import { hasNetem, TcFailed, type TcPlace, tc } from '../../linux/tc-command.js';
import { writeTables } from '../distribution.js';
import type { Attachment, Egress, EngineKind, NetemEngine } from '../engine.js';
import { type Impairment, impairment } from '../impairment.js';
import { type Counters, noCounters } from '../stage.js';
import { showQdiscs } from './qdisc.js';
import { netemWords } from './words.js';

/** Root disciplines that the kernel gives an interface by itself, and gives back. */
const DEFAULTS = ['noqueue', 'pfifo_fast', 'mq', 'fq_codel', 'fq'];

/** Marks a discipline as ours. */
const HANDLE = 'fa11:';

/** Packets that an attached discipline without an impairment keeps: none wait. */
const IDLE = impairment({});

/** Impairs packets with the kernel's netem, through tc(8). */
export const tcEngine: EngineKind = {
  name: 'tc',
  description: "the kernel's own netem, through tc(8)",
  isHere: hasNetem,
  refuses({ impairment, matches, isShared }) {
    // It draws a remainder of what is correlated (sch_netem.c, tabledist), of which nothing is left.
    if (impairment['delay-correlation'] > 0)
      return "the kernel's netem takes a delay correlation, and ignores it";
    if (matches.length > 0) return 'it impairs all packets of an interface, not some of them';
    return isShared ? 'it holds one impairment of an interface at a time' : undefined;
  },
  start: async (options) => new TcEngine(options),
};

class TcEngine implements NetemEngine {
  readonly #clock: Clock;
  readonly #tables = mkdtempSync(join(tmpdir(), 'faildrill-tc-'));
  readonly #attached = new CleanUp();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
    this.#attached.defer(() => rmSync(this.#tables, { recursive: true }));
    writeTables(this.#tables);
  }

  /** @throws TcFailed where this kernel has no netem; an Error where the interface has a discipline of somebody's own */
  async attach({ egress, force = false }: { egress: Egress; force?: boolean }): Promise<Attachment> {
    const { network, index } = egress;
    const dev = insideNetwork(network, () => {
      using netlink = new Netlink();
      return listLinks(netlink).find((link) => link.index === index)?.name;
    });
    if (dev === undefined) throw new Error(`there is no interface ${index} to impair`);
    const foreign = (await showQdiscs(network, dev)).find(
      ({ root, kind }) => root === true && !DEFAULTS.includes(kind),
    );
    if (foreign && !force)
      throw new Error(
        `${dev} has a ${foreign.kind} discipline of its own (${foreign.handle}); "force" replaces it for good`,
      );
    const place = { network, tables: this.#tables };
    const where = ['dev', dev, 'root', 'handle', HANDLE];
    await tc(place, 'qdisc', 'replace', ...where, 'netem', ...netemWords(IDLE));
    this.#attached.defer(() => tc(place, 'qdisc', 'del', ...where));
    return new TcAttachment({ place, dev, clock: this.#clock });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#attached[Symbol.asyncDispose]();
  }
}

class TcAttachment implements Attachment {
  readonly #place: TcPlace;
  readonly #dev: string;
  readonly #clock: Clock;
  #name: string | undefined;
  #before = noCounters();

  constructor(options: { place: TcPlace; dev: string; clock: Clock }) {
    this.#place = options.place;
    this.#dev = options.dev;
    this.#clock = options.clock;
  }

  async set(name: string, it: Impairment): Promise<Bracket> {
    if (this.#name !== undefined && this.#name !== name)
      throw new TcFailed(
        `tc holds one impairment of an interface at a time, and "${this.#name}" is in force`,
      );
    this.#before = await this.#count();
    this.#name = name;
    return this.#change(it);
  }

  async clear(name: string): Promise<Bracket> {
    if (this.#name !== name) {
      const now = this.#clock.now();
      return { before: now, after: now };
    }
    this.#name = undefined;
    return this.#change(IDLE);
  }

  async #change(it: Impairment): Promise<Bracket> {
    const where = ['dev', this.#dev, 'root', 'handle', HANDLE];
    const before = this.#clock.now();
    await tc(this.#place, 'qdisc', 'change', ...where, 'netem', ...netemWords(it));
    return { before, after: this.#clock.now() };
  }

  async #count(): Promise<Counters> {
    const qdiscs = await showQdiscs(this.#place.network, this.#dev);
    const { packets, drops } = qdiscs.find(({ handle }) => handle === HANDLE)!;
    // The kernel does not tell what it lost on purpose from what it had no room for.
    return { ...noCounters(), packets: packets + drops, lost: drops };
  }

  async counters(): Promise<Counters> {
    const { packets, lost } = await this.#count();
    return { ...noCounters(), packets: packets - this.#before.packets, lost: lost - this.#before.lost };
  }
}
