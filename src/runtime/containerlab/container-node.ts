import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import type { Bracket, Clock } from '../../linux/clock.js';
import { pidNamespaceOf, processesOf } from '../../linux/processes.js';
import { CannotRun } from '../errors.js';
import type { Command, CommandOutcome, Node, NodeProcess, ProcessMatch, SignalOutcome } from '../runtime.js';
import { matching, type ReachableProcess, signalAll, signalAndSee } from '../signals.js';
import type { ConsoleFile } from './console.js';
import { runInContainer } from './container-command.js';
import { whyDown } from './container-end.js';

/** First processes that do nothing but reap: no part of what a node runs. */
const INITS = ['tini', 'docker-init', 'dumb-init', 'catatonit'];

const O_PATH = 0o10000000;

/** HTTP status by which Docker says that a container does not run. */
const NOT_RUNNING = 409;

/** How long a container may take to be gone after it was killed, milliseconds. */
const END_MS = 10_000;

/** What a node without power does to its lines, and what one that has it again gets. */
export interface Lines {
  /** @throws CannotRun where a node's links would not outlive its power */
  mayLosePower(node: string): void;
  /** Makes a node's lines dead; it no longer has a network. */
  dead(node: string): void;
  unplug(node: string): void;
  /** Gives a node its links again, with names, MACs and addresses as at first. */
  replug(node: string): void;
  /** Drops what a node sends and what it is sent, or lets it pass again. */
  hold(node: string): void;
  release(node: string): void;
}

interface Power {
  network: number;
  root: number;
  pidNamespace: string;
}

/** A node that is a container. */
export class ContainerNode implements Node {
  readonly name: string;
  readonly #container: Container;
  readonly #console: ConsoleFile;
  readonly #clock: Clock;
  readonly #lines: Lines;
  readonly #exec: readonly string[][];
  #power: Power | undefined;
  powerCycles = 0;
  /** Ends of the container that were asked for and that Docker has not told of yet. */
  #endsToCome = 0;

  /** @param exec commands of the topology that are run whenever it boots */
  constructor(options: {
    name: string;
    container: Container;
    console: ConsoleFile;
    clock: Clock;
    lines: Lines;
    exec: readonly string[][];
  }) {
    this.name = options.name;
    this.#container = options.container;
    this.#console = options.console;
    this.#clock = options.clock;
    this.#lines = options.lines;
    this.#exec = options.exec;
  }

  get console(): string {
    return this.#console.path;
  }

  get network(): string | undefined {
    return this.#power && `/proc/${process.pid}/fd/${this.#power.network}`;
  }

  get files(): string | undefined {
    return this.#power && `/proc/${process.pid}/fd/${this.#power.root}`;
  }

  /** Descriptor of its network namespace. */
  get networkDescriptor(): number | undefined {
    return this.#power?.network;
  }

  #powered(): Power {
    if (!this.#power) throw Object.assign(new Error(`node ${this.name} has no power`), { code: 'NO_POWER' });
    return this.#power;
  }

  /**
   * Takes hold of the running container.
   * @param since from when on its console is kept, milliseconds since 1970
   * @throws CannotRun where it does not run
   */
  async connect(since = 0): Promise<void> {
    const about = await this.#container.inspect();
    const down = await whyDown(this.#container, about, this.name);
    if (down !== undefined) throw new CannotRun(down);
    const { State, Config } = about;
    // Descriptors, not the process's number: that may be another's once it has ended.
    this.#power = {
      network: openSync(`/proc/${State.Pid}/ns/net`, 'r'),
      root: openSync(`/proc/${State.Pid}/root`, O_PATH),
      pidNamespace: pidNamespaceOf(State.Pid) ?? '',
    };
    await this.#console.follow(this.#container, { since, isTerminal: Config.Tty });
  }

  /** Lets go of the container. */
  disconnect(): void {
    const power = this.#power;
    this.#power = undefined;
    if (power) for (const descriptor of [power.network, power.root]) closeSync(descriptor);
    this.#console.stop();
  }

  async run(command: Command): Promise<CommandOutcome> {
    this.#powered();
    return runInContainer(this.#container, command, this.#clock);
  }

  #all(): ReachableProcess[] {
    return processesOf(this.#powered().pidNamespace).map(({ pids, ...info }) => ({
      ...info,
      pid: pids.at(-1)!,
      host: pids[0]!,
      outer: pids[0]!,
    }));
  }

  #processes(): ReachableProcess[] {
    return this.#all().filter(({ pid, name }) => pid !== 1 || !INITS.includes(name));
  }

  #matching(match?: ProcessMatch): ReachableProcess[] {
    return matching(this.#processes(), { match, node: this.name, root: () => this.files! });
  }

  async processes(match?: ProcessMatch): Promise<NodeProcess[]> {
    return this.#matching(match).map(asFound);
  }

  async signal(match: ProcessMatch, signal: NodeJS.Signals): Promise<SignalOutcome> {
    const processes = this.#matching(match);
    return { ...this.#at(await signalAndSee(processes, signal)), processes: processes.map(asFound) };
  }

  #at({ before, after }: { before: bigint; after: bigint }): Bracket {
    return { before: this.#clock.at(before), after: this.#clock.at(after) };
  }

  async stop(): Promise<Bracket> {
    // All others end with the first one. Docker takes its time to kill a container, up to seconds where a machine is busy.
    const first = this.#all().filter(({ pid, host }) => pid === 1 && host !== 1);
    this.#lines.mayLosePower(this.name);
    const before = this.#clock.now();
    this.disconnect();
    this.#lines.dead(this.name);
    this.#endsToCome++;
    const { after } = this.#at(await signalAndSee(first, 'SIGKILL'));
    // So that Docker does not start it again.
    await this.#container.kill().catch((error: { statusCode?: number }) => {
      if (error.statusCode !== NOT_RUNNING) throw error;
    });
    const deadline = Date.now() + END_MS;
    while ((await this.#container.inspect()).State.Running && Date.now() < deadline) await sleep(5);
    this.#lines.unplug(this.name);
    return { before, after };
  }

  /** Takes notice that its container has ended. @returns whether it did so by itself */
  ended(): boolean {
    if (this.#endsToCome > 0) {
      this.#endsToCome--;
      return false;
    }
    if (!this.#power) return false;
    this.disconnect();
    this.#lines.dead(this.name);
    this.#lines.unplug(this.name);
    return true;
  }

  async start(): Promise<Bracket> {
    this.powerCycles++;
    const before = this.#clock.now();
    // Docker stamps a start when it has heard of it, which is after the first lines.
    const since = Date.now();
    await this.#container.start();
    await this.connect(since);
    this.#lines.replug(this.name);
    for (const argv of this.#exec) {
      const { code, signal, stderr, stdout } = await this.run({ argv });
      if (code !== 0)
        throw new Error(
          `node ${this.name}: "${argv.join(' ')}" failed (${code ?? signal}): ${(stderr || stdout).trim()}`,
        );
    }
    return { before, after: this.#clock.now() };
  }

  async freeze(): Promise<Bracket> {
    const before = this.#clock.now();
    this.#lines.hold(this.name);
    // By signals, not by the control group: a process shows that it is stopped.
    signalAll(() => this.#processes(), 'SIGSTOP');
    return { before, after: this.#clock.now() };
  }

  async thaw(): Promise<Bracket> {
    const before = this.#clock.now();
    signalAll(() => this.#processes(), 'SIGCONT');
    this.#lines.release(this.name);
    return { before, after: this.#clock.now() };
  }
}

const asFound = ({ outer: _outer, host: _host, ...found }: ReachableProcess): NodeProcess => found;
