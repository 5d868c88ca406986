import { closeSync, existsSync, writeFileSync } from 'node:fs';
import type { Bracket, Clock } from '../../linux/clock.js';
import { type LinkState as InterfaceState, listLinks, setUp } from '../../linux/links.js';
import { insideNetwork, openOwn } from '../../linux/namespaces.js';
import { Netlink } from '../../linux/netlink.js';
import type { Topology, TopologyLink } from '../../topology/topology.js';
import { bringUp, Panel } from '../namespace/panel.js';
import type { LinkPlan } from '../namespace/plan.js';
import type { CutMode, Direction, LabOrder, Link, LinkMeter, LinkState } from '../runtime.js';
import type { ContainerNode, Lines } from './container-node.js';
import { isSpliced, portName } from './derive.js';

/** How often is looked whether containerlab has made a link's two parts, milliseconds. */
const LOOK_MS = 20;

/**
 * The links that faildrill joins: containerlab makes each as two, from either node to the machine, and the patch panel of the
 * namespace runtime, here in the machine's own network namespace, does the rest.
 */
export class SplicedLinks implements Lines, Disposable {
  readonly links: ReadonlyMap<string, Link>;
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #nodes: ReadonlyMap<string, ContainerNode>;
  readonly #home: number;
  readonly #netlink = new Netlink();
  readonly #panel: Panel;
  readonly #waiting: Set<TopologyLink>;
  #isDeploying = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LabOrder & { nodes: ReadonlyMap<string, ContainerNode> }) {
    this.#topology = options.topology;
    this.#clock = options.clock;
    this.#nodes = options.nodes;
    this.#home = openOwn(['net']).net;
    this.#panel = new Panel({
      namespace: this.#home,
      netlink: this.#netlink,
      // While containerlab is at it, whatever has an interface has power.
      namespaceOf: (node) =>
        this.#isDeploying || node === undefined ? this.#home : this.#nodes.get(node)?.networkDescriptor,
    });
    const spliced = options.topology.links.filter(isSpliced);
    this.#waiting = new Set(spliced);
    this.links = new Map(spliced.map((link) => [link.name, this.#linkOf(link)]));
  }

  /** Joins links as soon as containerlab has made both parts of one: a node's commands may need it. */
  watch(): void {
    this.#timer = setInterval(() => this.#join(), LOOK_MS);
  }

  /** Joins what is left. @throws Error where containerlab has not made a part */
  finish(): void {
    clearInterval(this.#timer);
    this.#join();
    const [missing] = this.#waiting;
    if (missing) throw new Error(`containerlab did not make the link ${missing.name}`);
    this.#isDeploying = false;
  }

  #join() {
    if (this.#waiting.size === 0) return;
    const present = new Map(listLinks(this.#netlink).map((port) => [port.name, port]));
    for (const link of this.#waiting) {
      const made = link.ends.map((end) => present.get(portName(this.#topology.name, end)));
      if (!made.every((port) => port !== undefined)) continue;
      this.#waiting.delete(link);
      for (const { name } of made) silence(name);
      this.#panel.adopt(planOf(link), made as [InterfaceState, InterfaceState]);
    }
  }

  #linkOf(link: TopologyLink): Link {
    const { name, ends } = link;
    const panel = this.#panel;
    const network = `/proc/${process.pid}/fd/${this.#home}`;
    const at = ({ before, after }: { before: string; after: string }): Bracket => ({
      before: this.#clock.at(before),
      after: this.#clock.at(after),
    });
    const state = () => this.#stateOf(link);
    return {
      name,
      ends,
      // What goes forth leaves the panel by the far port.
      get meters(): readonly [LinkMeter, LinkMeter] {
        const [near, far] = panel.indexes()[name]!;
        return [
          { network, index: far },
          { network, index: near },
        ];
      },
      cut: async (id: string, mode: CutMode, direction: Direction = 'forth') =>
        at(panel.cut(name, id, { mode, direction })),
      restore: async (id: string) => at(panel.restore(name, id)),
      state: async () => state(),
    };
  }

  #stateOf({ name, ends }: TopologyLink): LinkState {
    const carrier = ends.map((end) => {
      const network = this.#nodes.get(end.node)?.network;
      if (network === undefined) return false;
      return inNetwork(network, (netlink) =>
        listLinks(netlink).some((one) => one.name === end.interface && one.carrier),
      );
    }) as [boolean, boolean];
    return { carrier, forwards: this.#panel.forwards(name) };
  }

  mayLosePower(): void {}

  dead(node: string): void {
    this.#panel.lines(node);
  }

  unplug(node: string): void {
    this.#panel.unplug(node);
  }

  replug(node: string): void {
    this.#panel.replug(node);
    for (const { ends } of this.#of(node))
      for (const end of ends) {
        const port = portName(this.#topology.name, end);
        if (end.node === node && existsSync(`/proc/sys/net/ipv6/conf/${port}`)) silence(port);
      }
    inNetwork(this.#nodes.get(node)!.network!, (netlink) => {
      netlink.request(setUp(LOOPBACK, true));
      bringUp(netlink, this.#panel.endsOf(node));
    });
  }

  hold(node: string): void {
    for (const { name } of this.#of(node))
      this.#panel.cut(name, `freeze ${node}`, { mode: 'silent', direction: 'forth' });
  }

  release(node: string): void {
    for (const { name } of this.#of(node)) this.#panel.restore(name, `freeze ${node}`);
  }

  #of(node: string): TopologyLink[] {
    return this.#topology.links.filter(
      (link) => isSpliced(link) && link.ends.some((end) => end.node === node),
    );
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#netlink[Symbol.dispose]();
    closeSync(this.#home);
  }
}

const LOOPBACK = 1;

const planOf = ({ name, mtu, ends }: TopologyLink): LinkPlan => ({
  name,
  mtu,
  ends: ends.map(({ node, interface: interface_, mac = '', ipv4, ipv6 }) => ({
    node,
    interface: interface_,
    mac,
    ...(ipv4 !== undefined && { ipv4 }),
    ...(ipv6 !== undefined && { ipv6 }),
  })) as LinkPlan['ends'],
});

/** A port is no host: it must say nothing of its own to a node. */
function silence(port: string) {
  const file = `/proc/sys/net/ipv6/conf/${port}/disable_ipv6`;
  if (existsSync(file)) writeFileSync(file, '1');
}

const inNetwork = <T>(path: string, act: (netlink: Netlink) => T): T =>
  insideNetwork(path, () => {
    using netlink = new Netlink();
    return act(netlink);
  });
