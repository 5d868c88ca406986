import { loadProgram, NEXT } from '../../linux/bpf.js';
import { BpfProgram } from '../../linux/bpf-program.js';
import type { Bracket, Clock } from '../../linux/clock.js';
import { close, SystemError } from '../../linux/libc.js';
import { type LinkState as InterfaceState, listLinks } from '../../linux/links.js';
import { insideNetwork } from '../../linux/namespaces.js';
import { Netlink } from '../../linux/netlink.js';
import { urgently } from '../../linux/scheduling.js';
import { addClsact, addProgram, deleteClsact, deleteProgram, egressFilters } from '../../linux/tc.js';
import type { LinkEnd, Topology, TopologyLink } from '../../topology/topology.js';
import { CannotRun } from '../errors.js';
import type { CutMode, Direction, LabOrder, Link, LinkMeter, LinkState } from '../runtime.js';
import type { ContainerNode, Lines } from './container-node.js';
import { isSpliced } from './derive.js';

/** An end of a link: the node's own interface. */
interface End {
  node: string;
  network: string;
  index: number;
  netlink: Netlink;
  /** Whether clsact is faildrill's: somebody else's stays. */
  madeClsact: boolean;
  drops: boolean;
}

interface DirectLink {
  plan: TopologyLink;
  ends: [End, End];
  cuts: Map<string, { mode: CutMode; direction: Direction }>;
}

/** Places of the filters: one that lets everything pass, and the one that drops everything while a link is cut. */
const IDLE_PLACE = 1;
const DROP_PLACE = 2;

/** TC_ACT_STOLEN of linux/pkt_cls.h: the packet is gone, and whoever sent it is not told, as on a wire. */
const STOLEN = 4;

/** A program that says the same of every packet. */
const verdict = (result: number) => loadProgram(new BpfProgram().exit(result).assemble());

const NOT_HERE =
  'let faildrill deploy the lab: without --attach its links pass ports where a line can go dead';

/**
 * The links of a lab that is up, which are veth pairs from node to node. Packets are made to vanish by a filter of what the node's
 * interface sends, before it counts them, so that what it has sent was delivered. The carrier of such a pair cannot be taken without an
 * interface being set down, which takes its addresses and routes along: that is refused.
 */
export class DirectLinks implements Lines, Disposable {
  readonly links = new Map<string, Link>();
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #nodes: ReadonlyMap<string, ContainerNode>;
  readonly #made = new Map<string, DirectLink>();
  readonly #pass = verdict(NEXT);
  readonly #drop = verdict(STOLEN);

  constructor(options: LabOrder & { nodes: ReadonlyMap<string, ContainerNode> }) {
    this.#topology = options.topology;
    this.#clock = options.clock;
    this.#nodes = options.nodes;
  }

  /** Finds the links and gives each end a filter that does nothing yet. @throws CannotRun where an interface is not there */
  prepare(): void {
    for (const plan of this.#topology.links.filter(isSpliced)) {
      const [near, far] = plan.ends;
      // One after the other: what is done already is undone where the second fails.
      const ends: End[] = [];
      const link: DirectLink = { plan, ends: ends as unknown as [End, End], cuts: new Map() };
      this.#made.set(plan.name, link);
      for (const end of [near, far]) ends.push(this.#endOf(end));
      this.links.set(plan.name, this.#linkOf(link));
    }
  }

  #endOf({ node, interface: name }: LinkEnd): End {
    const network = this.#nodes.get(node)!.network!;
    const netlink = insideNetwork(network, () => new Netlink());
    const found = listLinks(netlink).find((one) => one.name === name);
    if (!found) {
      netlink[Symbol.dispose]();
      throw new CannotRun(
        `the lab that is up is another than in ${this.#topology.file}: ${node} has no ${name}`,
      );
    }
    const end: End = { node, network, index: found.index, netlink, madeClsact: true, drops: false };
    try {
      netlink.request(addClsact(end.index));
    } catch (error) {
      if (!(error instanceof SystemError && error.code === 'EEXIST')) throw error;
      end.madeClsact = false;
      // They would see packets first, and their places may be taken.
      if (egressFilters(netlink, end.index).length > 0) {
        netlink[Symbol.dispose]();
        throw new CannotRun(`${node}:${name} has tc filters of its own on what it sends`, { hint: NOT_HERE });
      }
    }
    // The kernel makes whoever adds the first filter wait for a grace period: that is not to be while a link is cut.
    netlink.request(addProgram({ index: end.index, place: IDLE_PLACE, program: this.#pass }));
    return end;
  }

  #linkOf(link: DirectLink): Link {
    const { plan, ends, cuts } = link;
    const meter = ({ network, index }: End): LinkMeter => ({ network, index });
    return {
      name: plan.name,
      ends: plan.ends,
      meters: [meter(ends[0]), meter(ends[1])],
      cut: async (id: string, mode: CutMode, direction: Direction = 'forth') => {
        if (mode === 'carrier')
          throw new CannotRun(
            `the carrier of ${plan.name} cannot be taken: in a lab that was up before it is a wire from node to node`,
            { hint: `cut it with mode: silent, or ${NOT_HERE}` },
          );
        cuts.set(id, { mode, direction });
        return this.#apply([link]);
      },
      restore: async (id: string) => {
        cuts.delete(id);
        return this.#apply([link]);
      },
      state: async () => stateOf(link),
    };
  }

  #apply(links: readonly DirectLink[]): Bracket {
    const changes = links.flatMap(({ ends, cuts }) =>
      ends.flatMap((end, side) => {
        const direction: Direction = side === 0 ? 'forth' : 'back';
        const drops = [...cuts.values()].some((cut) => cut.mode === 'silent' || cut.direction === direction);
        if (drops === end.drops) return [];
        end.drops = drops;
        const filter = { index: end.index, place: DROP_PLACE };
        return {
          end,
          request: drops ? addProgram({ ...filter, program: this.#drop }) : deleteProgram(filter),
        };
      }),
    );
    return urgently(() => {
      const before = this.#clock.now();
      for (const { end, request } of changes) end.netlink.request(request);
      return { before, after: this.#clock.now() };
    });
  }

  mayLosePower(node: string): never {
    throw new CannotRun(
      `the power of node ${node} cannot be cut in a lab that was up before: its links would go with it`,
      {
        hint: NOT_HERE,
      },
    );
  }

  dead(): void {}

  unplug(): void {}

  replug(): void {}

  hold(node: string): void {
    this.#apply(
      this.#of(node, (link) => link.cuts.set(`freeze ${node}`, { mode: 'silent', direction: 'forth' })),
    );
  }

  release(node: string): void {
    this.#apply(this.#of(node, (link) => link.cuts.delete(`freeze ${node}`)));
  }

  #of(node: string, change: (link: DirectLink) => void): DirectLink[] {
    const links = [...this.#made.values()].filter(({ ends }) => ends.some((end) => end.node === node));
    links.forEach(change);
    return links;
  }

  /** Takes away what it added; what of it is gone with its node is no error. */
  [Symbol.dispose](): void {
    for (const { ends } of this.#made.values())
      for (const { netlink, index, madeClsact, drops } of ends) {
        const places = drops ? [IDLE_PLACE, DROP_PLACE] : [IDLE_PLACE];
        try {
          if (madeClsact) netlink.request(deleteClsact(index));
          else for (const place of places) netlink.request(deleteProgram({ index, place }));
        } catch (error) {
          if (!(error instanceof SystemError && ['ENODEV', 'ENOENT'].includes(error.code))) throw error;
        } finally {
          netlink[Symbol.dispose]();
        }
      }
    this.#made.clear();
    close(this.#pass);
    close(this.#drop);
  }
}

function stateOf({ ends }: DirectLink): LinkState {
  const seen = ends.map(({ netlink, index }): [InterfaceState | undefined, boolean] => [
    listLinks(netlink).find((one) => one.index === index),
    egressFilters(netlink, index).includes(DROP_PLACE),
  ]);
  return {
    carrier: seen.map(([found]) => found?.carrier ?? false) as [boolean, boolean],
    forwards: seen.map(([found, drops]) => found !== undefined && !drops) as [boolean, boolean],
  };
}
