import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bracket, Clock } from '../../linux/clock.js';
import type { Topology } from '../../topology/topology.js';
import { CannotRun, LabLost } from '../errors.js';
import type {
  Command,
  CommandOutcome,
  CutMode,
  Direction,
  Lab,
  LabOrder,
  Link,
  LinkMeter,
  LinkState,
  Node,
  NodeProcess,
  ProcessMatch,
  SignalOutcome,
} from '../runtime.js';
import { connectSupervisor } from './launch.js';
import type { LabPlan } from './plan.js';
import type {
  ExecOutcome,
  LabDescription,
  MonotonicBracket,
  SignalOutcome as RemoteSignalOutcome,
} from './protocol.js';
import { Connection, RemoteError } from './rpc.js';

/** How long a lab may take to go down, milliseconds. */
const DOWN_MS = 5000;

/** What nodes and links share: the way to the supervisor, and its times on the drill clock. */
class Remote {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly pid: number;
  constructor(options: { connection: Connection; clock: Clock; pid: number }) {
    this.#connection = options.connection;
    this.#clock = options.clock;
    this.pid = options.pid;
  }

  call<T>(method: string, parameters: unknown = {}): Promise<T> {
    return this.#connection.call<T>(method, parameters);
  }

  /** Calls a method whose answer is a bracket, with or without more. */
  async timed<T extends MonotonicBracket>(
    method: string,
    parameters: unknown,
  ): Promise<Omit<T, 'before' | 'after'> & Bracket> {
    const answer = await this.call<T>(method, parameters);
    return { ...answer, before: this.#clock.at(answer.before), after: this.#clock.at(answer.after) };
  }

  /** Path of one of the supervisor's descriptors. */
  descriptor(number: number): string {
    return `/proc/${this.pid}/fd/${number}`;
  }
}

class NamespaceNode implements Node {
  readonly name: string;
  readonly console: string;
  readonly #remote: Remote;
  #description: LabDescription;
  powerCycles = 0;

  constructor(options: { name: string; remote: Remote; description: LabDescription }) {
    this.name = options.name;
    this.#remote = options.remote;
    this.#description = options.description;
    this.console = `/proc/${this.#remote.pid}/root${options.description.consoles}/${this.name}.log`;
  }

  get network(): string | undefined {
    const handles = this.#description.nodes[this.name];
    return handles && this.#remote.descriptor(handles.network);
  }

  get files(): string | undefined {
    const handles = this.#description.nodes[this.name];
    return handles && this.#remote.descriptor(handles.root);
  }

  run(command: Command): Promise<CommandOutcome> {
    return this.#remote.timed<ExecOutcome>('exec', { node: this.name, ...command });
  }

  processes(match?: ProcessMatch): Promise<NodeProcess[]> {
    return this.#remote.call('processes', { node: this.name, match });
  }

  signal(match: ProcessMatch, signal: NodeJS.Signals): Promise<SignalOutcome> {
    return this.#remote.timed<RemoteSignalOutcome>('signal', { node: this.name, match, signal });
  }

  async #change(method: string): Promise<Bracket> {
    const bracket = await this.#remote.timed(method, { node: this.name });
    this.#description.nodes = (await this.#remote.call<LabDescription>('describe')).nodes;
    return bracket;
  }

  stop(): Promise<Bracket> {
    return this.#change('stop');
  }

  start(): Promise<Bracket> {
    this.powerCycles++;
    return this.#change('start');
  }

  freeze(): Promise<Bracket> {
    return this.#remote.timed('freeze', { node: this.name });
  }

  thaw(): Promise<Bracket> {
    return this.#remote.timed('thaw', { node: this.name });
  }
}

class NamespaceLink implements Link {
  readonly name: string;
  readonly ends: Link['ends'];
  readonly meters: readonly [LinkMeter, LinkMeter];
  readonly #remote: Remote;
  constructor(options: { name: string; ends: Link['ends']; remote: Remote; panel: LabDescription['panel'] }) {
    this.name = options.name;
    this.ends = options.ends;
    this.#remote = options.remote;
    const [near, far] = options.panel.indexes[this.name]!;
    const network = this.#remote.descriptor(options.panel.network);
    // What goes forth leaves the panel by the far port.
    this.meters = [
      { network, index: far },
      { network, index: near },
    ];
  }

  cut(id: string, mode: CutMode, direction: Direction = 'forth'): Promise<Bracket> {
    return this.#remote.timed('cut', { link: this.name, id, mode, direction });
  }

  restore(id: string): Promise<Bracket> {
    return this.#remote.timed('restore', { link: this.name, id });
  }

  state(): Promise<LinkState> {
    return this.#remote.call('proof', { link: this.name });
  }
}

/** A lab of the namespace runtime, seen through its supervisor. */
export class NamespaceLab implements Lab {
  readonly name: string;
  readonly runtime = 'namespace';
  readonly outlivesDrill = false;
  readonly topology: Topology;
  readonly nodes: ReadonlyMap<string, NamespaceNode>;
  readonly links: ReadonlyMap<string, NamespaceLink>;
  readonly deployed: Bracket;
  readonly lost: Promise<Error>;
  readonly #remote: Remote;
  readonly #connection: Connection;
  onNodeExit: Lab['onNodeExit'] = () => {};
  #ending = false;

  private constructor(options: {
    topology: Topology;
    description: LabDescription;
    connection: Connection;
    clock: Clock;
    pid: number;
  }) {
    const { topology, description, connection, clock } = options;
    this.topology = topology;
    this.name = topology.name;
    this.#connection = connection;
    connection.onEvent = (event, parameters) => {
      const { node, code } = parameters as { node: string; code: number | null };
      if (event === 'node-exited') this.onNodeExit(node, code);
    };
    this.#remote = new Remote(options);
    const remote = this.#remote;
    this.nodes = new Map(
      description.plan.nodes.map(({ name }) => [name, new NamespaceNode({ name, remote, description })]),
    );
    this.links = new Map(
      topology.links.map(({ name, ends }) => [
        name,
        new NamespaceLink({ name, ends, remote, panel: description.panel }),
      ]),
    );
    const { before, after } = description.deployed ?? {
      before: clock.anchor.monotonic,
      after: clock.anchor.monotonic,
    };
    this.deployed = { before: clock.at(before), after: clock.at(after) };
    this.lost = connection.closed.then(() => {
      if (this.#ending) return new Promise<Error>(() => {});
      return new LabLost(`the lab "${this.name}" ended: its supervisor is gone`);
    });
  }

  /** Has a supervisor build a lab. */
  static async deploy(options: LabOrder & { plan: LabPlan }): Promise<NamespaceLab> {
    const { socket, pid } = await connectSupervisor(options.plan.name);
    const connection = new Connection(socket);
    try {
      const description = await connection.call<LabDescription>('deploy', { plan: options.plan });
      return new NamespaceLab({ ...options, description, connection, pid });
    } catch (error) {
      await connection.call('down').catch(() => {});
      if (error instanceof RemoteError) throw new CannotRun(error.message, { cause: error });
      throw error;
    }
  }

  /** Joins a lab that is up. */
  static async join(name: string, clock = new Clock()): Promise<NamespaceLab> {
    const { socket, pid } = await connectSupervisor(name);
    const connection = new Connection(socket);
    const description = await connection.call<LabDescription>('describe').catch((error: Error) => {
      connection.close();
      throw new CannotRun(`the lab "${name}" cannot be joined: ${error.message}`, { cause: error });
    });
    const { nodes, ...rest } = description.plan.topology;
    const topology = { ...rest, nodes: new Map(nodes.map((node) => [node.name, node])) };
    return new NamespaceLab({ topology, description, connection, clock, pid });
  }

  /** Name of the PID namespace that a node runs in now. */
  async pidNamespaceOf(node: string): Promise<string> {
    const { nodes } = await this.#remote.call<LabDescription>('describe');
    const handles = nodes[node];
    if (!handles) throw new CannotRun(`node "${node}" has no power`);
    return handles.pidNamespace;
  }

  /** Lets go of the lab and leaves it running. */
  leave(): void {
    this.#ending = true;
    this.#connection.close();
  }

  /** Takes the lab down; resolves when its processes are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    await this.#connection.call('down').catch(() => {});
    // The first process of the lab's PID namespace is gone only when all others are.
    const deadline = Date.now() + DOWN_MS;
    while (existsSync(`/proc/${this.#remote.pid}`) && Date.now() < deadline) await sleep(1);
    this.#connection.close();
  }
}
