import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBridge, listLinks, setMaster, setUp } from '../../linux/links.js';
import { enter, openOwn, ownFileSystemContext, unshare } from '../../linux/namespaces.js';
import { Netlink } from '../../linux/netlink.js';
import type { StageName } from '../../topology/topology.js';
import type { LinkState, ProcessMatch } from '../runtime.js';
import { matching, signalAndSee } from '../signals.js';
import { runCommand } from './command.js';
import { asFound, KeptNode, type KeptProcess } from './kept-node.js';
import { diskMounts, NodeRoot } from './node-root.js';
import { bringUp, Panel } from './panel.js';
import type { LabPlan, NodePlan } from './plan.js';
import type { LabDescription, MonotonicBracket, SignalOutcome } from './protocol.js';

const monotonic = () => process.hrtime.bigint().toString();
const LOOPBACK = 1;

/**
 * A lab's owner: makes its nodes and links, and acts on them. Everything that it makes belongs to namespaces of its own, so when the
 * process ends, however it ends, all is gone.
 */
export class Keeper {
  readonly #state: string;
  readonly #home: Record<'net' | 'uts' | 'ipc' | 'mnt' | 'pid', number>;
  readonly #nodes = new Map<string, KeptNode>();
  readonly #panel: Panel;
  #plan: LabPlan | undefined;
  #deployed: MonotonicBracket | undefined;
  /** Called when a node's first process ended by itself. */
  onNodeExit: (node: string, code: number | null) => void = () => {};

  /** @param state an empty tmpfs that only this process sees */
  constructor(state: string) {
    this.#state = state;
    mkdirSync(join(state, 'consoles'));
    ownFileSystemContext();
    this.#home = openOwn(['net', 'uts', 'ipc', 'mnt', 'pid']);
    unshare(['net']);
    const { net } = openOwn(['net']);
    const netlink = new Netlink();
    enter({ net: this.#home.net });
    this.#panel = new Panel({ namespace: net, netlink, namespaceOf: (node) => this.#namespaceOf(node) });
  }

  #namespaceOf(node: string | undefined): number | undefined {
    return node === undefined ? this.#home.net : this.#nodes.get(node)?.network;
  }

  #node(name: string): KeptNode {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`there is no node ${name}`);
    return node;
  }

  get #consoles() {
    return join(this.#state, 'consoles');
  }

  /** Builds the lab. */
  async deploy(plan: LabPlan): Promise<LabDescription> {
    if (this.#plan) throw new Error(`the lab ${this.#plan.name} is up already`);
    this.#plan = plan;
    const before = monotonic();
    const disks = diskMounts(plan.hidden);
    for (const node of plan.nodes) {
      const state = join(this.#state, 'nodes', node.name);
      const root = new NodeRoot({ state, plan: node, disks, hidden: plan.hidden });
      const kept = new KeptNode({ plan: node, root, consoles: this.#consoles, home: this.#home });
      kept.onExit = (code) => void this.powerOff(node.name).then(() => this.onNodeExit(node.name, code));
      kept.powerOn();
      this.#nodes.set(node.name, kept);
    }
    this.#panel.add(plan.links);
    for (const node of this.#nodes.values()) this.#setUp(node);
    this.#bringUpHostEnds();
    await this.#startAll([...this.#nodes.values()]);
    this.#deployed = { before, after: monotonic() };
    return this.describe();
  }

  #setUp(node: KeptNode) {
    node.inNetwork(() => {
      using netlink = new Netlink();
      netlink.request(setUp(LOOPBACK, true));
      bringUp(netlink, this.#panel.endsOf(node.plan.name));
      if (node.plan.bridge) makeBridge(netlink, node.plan.name);
    });
    node.applySysctls();
  }

  #bringUpHostEnds() {
    using netlink = new Netlink();
    bringUp(netlink, this.#panel.endsOf(undefined));
  }

  /** Starts nodes as their stages and delays say, side by side where they may. */
  async #startAll(nodes: readonly KeptNode[]) {
    const reached = new Map<string, Deferred>();
    const stage = (node: string, name: StageName) => {
      const key = `${name} of ${node}`;
      let entry = reached.get(key);
      if (!entry) {
        entry = deferred();
        reached.set(key, entry);
      }
      return entry;
    };
    const present = new Set(nodes.map(({ plan }) => plan.name));
    await Promise.all(
      nodes.map(async (node) => {
        const { plan } = node;
        const pass = async (name: StageName, act: () => Promise<void>) => {
          const { waitFor, enter: onEnter, exit: onExit } = plan.stages[name];
          await Promise.all(
            waitFor
              .filter((wait) => present.has(wait.node))
              .map((wait) => stage(wait.node, wait.stage).promise),
          );
          if (name === 'create') await act();
          for (const argv of onEnter) await mustRun(node, argv);
          if (name !== 'create') await act();
          for (const argv of onExit) await mustRun(node, argv);
          stage(plan.name, name).resolve();
        };
        await pass('create', async () => {
          if (plan.startupDelay > 0) await sleep(plan.startupDelay / 1e6);
          await node.start();
        });
        await pass('create-links', async () => {});
        await pass('configure', async () => {
          for (const argv of plan.exec) await mustRun(node, argv);
        });
        const isAwaited = nodes.some(({ plan: other }) =>
          Object.values(other.stages).some(({ waitFor }) =>
            waitFor.some((wait) => wait.node === plan.name && wait.stage === 'healthy'),
          ),
        );
        if (isAwaited) await pass('healthy', () => healthy(node, plan));
      }),
    );
  }

  /** Whether nobody has said yet what to build. */
  get isEmpty(): boolean {
    return this.#plan === undefined;
  }

  describe(): LabDescription {
    if (!this.#plan) throw new Error('it is still coming up');
    const powered = [...this.#nodes].filter(([, node]) => node.powered);
    return {
      plan: this.#plan,
      nodes: Object.fromEntries(powered.map(([name, node]) => [name, node.handles!])),
      panel: { network: this.#panel.namespace, indexes: this.#panel.indexes() },
      consoles: this.#consoles,
      ...(this.#deployed && { deployed: this.#deployed }),
    };
  }

  /** A node to run commands in. */
  node(name: string): KeptNode {
    return this.#node(name);
  }

  /** Processes of a node that match; all of them without a match. */
  find(name: string, match?: ProcessMatch): KeptProcess[] {
    const node = this.#node(name);
    const root = () => `/proc/self/fd/${node.handles!.root}`;
    return matching(node.processes(), { match, node: name, root });
  }

  /** Signals processes of a node and waits until the signal has done its work, so that the bracket holds that instant. */
  async signal(name: string, match: ProcessMatch, signal: NodeJS.Signals): Promise<SignalOutcome> {
    const processes = this.find(name, match);
    const { before, after } = await signalAndSee(processes, signal);
    return { before: before.toString(), after: after.toString(), processes: processes.map(asFound) };
  }

  get panel(): Panel {
    return this.#panel;
  }

  /** A link's state: the carrier as its nodes see it, and whether packets pass. */
  proof(link: string): LinkState {
    const carrier = this.#panel.ends(link).map((end) => {
      const look = () => {
        using netlink = new Netlink();
        return listLinks(netlink).find(({ name }) => name === end.interface)?.carrier ?? false;
      };
      if (end.node === undefined) return look();
      const node = this.#node(end.node);
      return node.powered && node.inNetwork(look);
    }) as [boolean, boolean];
    return { carrier, forwards: this.#panel.forwards(link) };
  }

  /** Cuts a node's power: its lines go dead, its processes and its kernel state are gone. */
  async powerOff(name: string): Promise<MonotonicBracket> {
    const before = monotonic();
    await this.#node(name).powerOff({ linesDead: () => this.#panel.lines(name) });
    const after = monotonic();
    this.#panel.unplug(name);
    return { before, after };
  }

  /** Gives a node its power back; it boots as at first. */
  async powerOn(name: string): Promise<MonotonicBracket> {
    const node = this.#node(name);
    const before = monotonic();
    node.powerOn();
    this.#panel.replug(name);
    this.#setUp(node);
    await this.#startAll([node]);
    return { before, after: monotonic() };
  }

  /** Freezes a node: its packets vanish and its processes stop. */
  freeze(name: string): MonotonicBracket {
    const before = monotonic();
    for (const link of this.#linksOf(name))
      this.#panel.cut(link, `freeze ${name}`, { mode: 'silent', direction: 'forth' });
    return { before, after: this.#node(name).signalAll('SIGSTOP').after };
  }

  thaw(name: string): MonotonicBracket {
    const { before } = this.#node(name).signalAll('SIGCONT');
    for (const link of this.#linksOf(name)) this.#panel.restore(link, `freeze ${name}`);
    return { before, after: monotonic() };
  }

  #linksOf(name: string): string[] {
    return this.#plan!.links.filter(({ ends }) => ends.some(({ node }) => node === name)).map(
      (link) => link.name,
    );
  }
}

interface Deferred {
  promise: Promise<void>;
  resolve: () => void;
}

function deferred(): Deferred {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function makeBridge(netlink: Netlink, name: string) {
  netlink.request(createBridge(name));
  const links = listLinks(netlink);
  const bridge = links.find((link) => link.name === name)!.index;
  const ports = links.filter(({ index }) => index !== LOOPBACK && index !== bridge);
  netlink.request(setUp(bridge, true), ...ports.map(({ index }) => setMaster(index, bridge)));
}

async function mustRun(node: KeptNode, argv: string[]) {
  const outcome = await runCommand(node, { node: node.plan.name, argv });
  if (outcome.code !== 0) {
    const said = (outcome.stderr || outcome.stdout).trim();
    throw new Error(
      `node ${node.plan.name}: "${argv.join(' ')}" failed (${outcome.code ?? outcome.signal})${said && `: ${said}`}`,
    );
  }
}

async function healthy(node: KeptNode, { name, healthCheck }: NodePlan) {
  if (!healthCheck)
    throw new Error(`another node waits for ${name} to be healthy, but it has no healthcheck`);
  await sleep(healthCheck.startPeriod / 1e6);
  for (let failures = 0; ; ) {
    const { code } = await runCommand(node, {
      node: name,
      argv: healthCheck.argv,
      timeout: healthCheck.timeout,
    });
    if (code === 0) return;
    if (++failures >= healthCheck.retries)
      throw new Error(`node ${name} is not healthy: its check failed ${failures} times`);
    await sleep(healthCheck.interval / 1e6);
  }
}
