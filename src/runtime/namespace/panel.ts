import { closeSync } from 'node:fs';
import { SystemError } from '../../linux/libc.js';
import { addAddress, createVeth, deleteLink, listLinks, setUp, type VethEnd } from '../../linux/links.js';
import type { Netlink, Request } from '../../linux/netlink.js';
import { urgently } from '../../linux/scheduling.js';
import { addClsact, addFilter, addRedirect, deleteRedirect, isRedirected } from '../../linux/tc.js';
import type { CutMode, Direction } from '../runtime.js';
import type { EndPlan, LinkPlan } from './plan.js';
import type { MonotonicBracket } from './protocol.js';

/**
 * Indexes of panel ports start here. Were both ends of a veth pair to have the same index, each in its namespace, the kernel would take
 * the carrier's change for one of a plain device and report it up to a second late.
 */
const FIRST_INDEX = 100_001;

/** Requests in one datagram: their acknowledgements must fit a socket's default receive buffer. */
const BATCH = 32;

interface Cut {
  mode: CutMode;
  /** The direction that a one-way cut stops. */
  direction: Direction;
}

/** An interface of the panel's namespace that somebody else made, up, with the node's interface at its other end. */
export interface MadePort {
  index: number;
  name: string;
}

interface Port {
  index: number;
  /** Index to ask for at the node's side when it is made again; the kernel chooses where there is none. */
  farIndex?: number;
  /** Interface name in the panel. */
  name: string;
  up: boolean;
  /** Whether what comes in here goes out at the other port. */
  forwards: boolean;
}

interface PanelLink {
  plan: LinkPlan;
  ports: [Port, Port];
  cuts: Map<string, Cut>;
}

/**
 * The patch panel: a network namespace that every link passes. A link is two veth pairs, one from each node to a port here, and
 * two filters that hand over what comes in. So a cable can be pulled: both ports go down and both nodes see their carrier go, while no
 * interface of a node is touched; packets can vanish with the carrier up; and a node can lose power and come back while its neighbour only
 * sees a dead line.
 */
export class Panel {
  readonly namespace: number;
  readonly #netlink: Netlink;
  readonly #namespaceOf: (node: string | undefined) => number | undefined;
  readonly #links = new Map<string, PanelLink>();

  /** @param namespaceOf a node's network namespace while it has power; the machine's own for no node */
  constructor(options: {
    namespace: number;
    netlink: Netlink;
    namespaceOf: (node: string | undefined) => number | undefined;
  }) {
    this.namespace = options.namespace;
    this.#netlink = options.netlink;
    this.#namespaceOf = options.namespaceOf;
  }

  [Symbol.dispose](): void {
    this.#netlink[Symbol.dispose]();
    closeSync(this.namespace);
  }

  #send(requests: readonly Request[]): MonotonicBracket {
    let before = process.hrtime.bigint();
    let after = before;
    for (let at = 0; at < requests.length; at += BATCH) {
      const bracket = this.#netlink.request(...requests.slice(at, at + BATCH));
      if (at === 0) before = bracket.before;
      after = bracket.after;
    }
    return { before: before.toString(), after: after.toString() };
  }

  /** Creates links; their nodes must have power. */
  add(plans: readonly LinkPlan[]): void {
    const made = plans.map((plan, position) => {
      const first = FIRST_INDEX + 2 * (this.#links.size + position);
      const port = (index: number): Port => ({ index, name: `port${index}`, up: false, forwards: false });
      return {
        plan,
        ports: [port(first), port(first + 1)] as [Port, Port],
        cuts: new Map(),
      } satisfies PanelLink;
    });
    for (const link of made) this.#links.set(link.plan.name, link);
    this.#send(made.flatMap((link) => [this.#plug(link, 0), this.#plug(link, 1)]));
    this.#send(
      made.flatMap(({ ports }) => ports.flatMap(({ index }) => [addClsact(index), addFilter(index)])),
    );
    this.#send(made.flatMap((link) => this.#changes(link)));
  }

  /** Takes over a link whose two veth pairs are there already, and joins them. */
  adopt(plan: LinkPlan, made: readonly [MadePort, MadePort]): void {
    const port = ({ index, name }: MadePort): Port => ({
      index,
      name,
      farIndex: FIRST_INDEX + index,
      up: false,
      forwards: false,
    });
    const link: PanelLink = { plan, ports: [port(made[0]), port(made[1])], cuts: new Map() };
    this.#links.set(plan.name, link);
    this.#send(link.ports.flatMap(({ index }) => [addClsact(index), addFilter(index)]));
    this.#send(this.#changes(link));
  }

  #plug({ plan, ports }: PanelLink, side: 0 | 1): Request {
    const end = plan.ends[side];
    const port = ports[side];
    const namespace = this.#namespaceOf(end.node);
    if (namespace === undefined) throw new Error(`${end.node} has no power`);
    const far: VethEnd = {
      name: end.interface,
      namespace,
      mac: macBytes(end.mac),
      mtu: plan.mtu,
      ...(port.farIndex !== undefined && { index: port.farIndex }),
    };
    const near: VethEnd = { name: port.name, namespace: this.namespace, index: port.index, mtu: plan.mtu };
    return createVeth(near, far);
  }

  #find(name: string): PanelLink {
    const link = this.#links.get(name);
    if (!link) throw new Error(`there is no link ${name}`);
    return link;
  }

  /** What has to be sent to the kernel so that a link is as its cuts and its nodes' power say. */
  #changes(link: PanelLink): Request[] {
    const cuts = [...link.cuts.values()];
    const powered = link.plan.ends.map(({ node }) => this.#namespaceOf(node) !== undefined);
    const up = powered.every(Boolean) && !cuts.some(({ mode }) => mode === 'carrier');
    const requests: Request[] = [];
    for (const side of [0, 1] as const) {
      const [near, far] = [link.ports[side], link.ports[1 - side]!];
      const direction: Direction = side === 0 ? 'forth' : 'back';
      const forwards =
        powered.every(Boolean) &&
        !cuts.some((cut) => cut.mode === 'silent' || (cut.mode === 'one-way' && cut.direction === direction));
      if (near.forwards !== forwards) {
        requests.push(forwards ? addRedirect(near.index, far.index) : deleteRedirect(near.index));
        near.forwards = forwards;
      }
      if (near.up !== up && powered[side]) requests.push(setUp(near.index, up));
      near.up = up && powered[side]!;
    }
    return requests;
  }

  #apply(...links: PanelLink[]): MonotonicBracket {
    const requests = links.flatMap((link) => this.#changes(link));
    // A busy machine must not come between the readings of the clock and what they are round.
    return urgently(() => this.#send(requests));
  }

  /** Cuts a link under a name; several cuts add up. */
  cut(name: string, id: string, cut: Cut): MonotonicBracket {
    const link = this.#find(name);
    link.cuts.set(id, cut);
    return this.#apply(link);
  }

  /** Takes a cut back; one that is not there is no error. */
  restore(name: string, id: string): MonotonicBracket {
    const link = this.#find(name);
    link.cuts.delete(id);
    return this.#apply(link);
  }

  #linksOf(node: string): PanelLink[] {
    return [...this.#links.values()].filter(({ plan }) => plan.ends.some((end) => end.node === node));
  }

  /** Makes the lines of a node dead, at both ends at once; call it when `namespaceOf` no longer knows the node. */
  lines(node: string): MonotonicBracket {
    return this.#apply(...this.#linksOf(node));
  }

  /** Unplugs a node without power for good, so that its namespace can go. */
  unplug(node: string): void {
    for (const link of this.#linksOf(node)) {
      for (const side of [0, 1] as const) {
        if (link.plan.ends[side].node === node) this.#discard(link.ports[side].index);
      }
    }
  }

  #discard(index: number) {
    try {
      this.#send([deleteLink(index)]);
    } catch (error) {
      // The kernel may have been quicker: a veth goes with the namespace of its other end.
      if (!(error instanceof SystemError && error.code === 'ENODEV')) throw error;
    }
  }

  /** Plugs a node in that has got its power back. */
  replug(node: string): void {
    const links = this.#linksOf(node);
    for (const link of links) {
      for (const side of [0, 1] as const) {
        if (link.plan.ends[side].node !== node) continue;
        const { index } = link.ports[side];
        this.#send([this.#plug(link, side), addClsact(index), addFilter(index)]);
      }
    }
    this.#apply(...links);
  }

  /** A node's ends, for setting them up inside it. */
  endsOf(node: string | undefined): EndPlan[] {
    return [...this.#links.values()].flatMap(({ plan }) => plan.ends).filter((end) => end.node === node);
  }

  /** Whether each port hands over what comes in, as the kernel says. */
  forwards(name: string): [boolean, boolean] {
    const present = new Set(listLinks(this.#netlink).map(({ index }) => index));
    return this.#find(name).ports.map(
      ({ index }) => present.has(index) && isRedirected(this.#netlink, index),
    ) as [boolean, boolean];
  }

  /** The two ends of a link. */
  ends(name: string): [EndPlan, EndPlan] {
    return this.#find(name).plan.ends;
  }

  /** Index of each port in the panel, by link. */
  indexes(): Record<string, [number, number]> {
    return Object.fromEntries(
      [...this.#links].map(([name, { ports }]) => [
        name,
        [ports[0].index, ports[1].index] as [number, number],
      ]),
    );
  }
}

const macBytes = (mac: string) => Buffer.from(mac.replaceAll(':', ''), 'hex');

/** Sets a node's ends up, with their addresses; the socket must be the node's. */
export function bringUp(netlink: Netlink, ends: readonly EndPlan[]): void {
  const indexes = new Map(listLinks(netlink).map(({ name, index }) => [name, index]));
  const requests = ends.flatMap((end) => {
    const index = indexes.get(end.interface)!;
    const addresses = [end.ipv4, end.ipv6]
      .filter((address) => address !== undefined)
      .map((cidr) => cidr.split('/'));
    return [
      setUp(index, true),
      ...addresses.map(([address = '', length]) => addAddress(index, address, Number(length))),
    ];
  });
  if (requests.length > 0) netlink.request(...requests);
}
