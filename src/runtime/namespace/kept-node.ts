import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../../linux/libc.js';
import { enter, inside, type Namespaces, openOwn, unshare } from '../../linux/namespaces.js';
import { processesOf } from '../../linux/processes.js';
import type { NodeProcess } from '../runtime.js';
import { type ReachableProcess, signalAll } from '../signals.js';
import type { NodeRoot } from './node-root.js';
import type { NodePlan } from './plan.js';
import type { MonotonicBracket, NodeHandles } from './protocol.js';
import { asUser } from './user.js';

/** Namespaces that a node has from the start; that of its processes comes with the first one. */
const KINDS = ['net', 'uts', 'ipc', 'mnt'] as const;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** First process of a node: it needs /proc of its own PID namespace, and reaps what the daemons leave. */
const INIT = 'mount -t proc proc /proc && echo ready >&3 && exec 3>&- && exec tini -g -s -- "$@"';

/** Settings that a container has on a machine with Docker and containerlab. */
const SYSCTLS: Record<string, string> = {
  'net.ipv4.ip_forward': '1',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.default.rp_filter': '0',
  'net.ipv6.conf.all.disable_ipv6': '0',
};

const O_PATH = 0o10000000;

/** A process of a node. */
export type KeptProcess = ReachableProcess;

/** What a client is told of a process. */
export const asFound = ({ outer: _outer, host: _host, ...found }: KeptProcess): NodeProcess => found;

interface Power {
  namespaces: Record<(typeof KINDS)[number], number> & Namespaces;
  root: number;
  init?: ChildProcess;
  pidNamespace: string;
}

/** A node as the supervisor keeps it: its namespaces, its first process, its console. */
export class KeptNode {
  readonly plan: NodePlan;
  readonly #home: Record<(typeof KINDS)[number] | 'pid', number>;
  readonly #root: NodeRoot;
  readonly #console: number;
  #power: Power | undefined;
  /** Called when the first process ended without being told to. */
  onExit: (code: number | null) => void = () => {};

  /** @param home the supervisor's own namespaces */
  constructor(options: {
    plan: NodePlan;
    root: NodeRoot;
    consoles: string;
    home: Record<(typeof KINDS)[number] | 'pid', number>;
  }) {
    this.plan = options.plan;
    this.#root = options.root;
    this.#home = options.home;
    this.#console = openSync(join(options.consoles, `${options.plan.name}.log`), 'a');
  }

  get powered(): boolean {
    return this.#power !== undefined;
  }

  get running(): boolean {
    return this.#power?.init !== undefined;
  }

  get network(): number | undefined {
    return this.#power?.namespaces.net;
  }

  get handles(): NodeHandles | undefined {
    const power = this.#power;
    return power && { network: power.namespaces.net, root: power.root, pidNamespace: power.pidNamespace };
  }

  /** Makes the node's namespaces and its view of the file system. */
  powerOn(): void {
    unshare(KINDS);
    try {
      const namespaces = openOwn(KINDS);
      this.#root.enter();
      call('sethostname', this.plan.hostname, Buffer.byteLength(this.plan.hostname));
      this.#power = { namespaces, root: openSync('/', O_PATH), pidNamespace: '' };
    } finally {
      enter(pick(this.#home, KINDS));
    }
  }

  #power_(): Power {
    if (!this.#power)
      throw Object.assign(new Error(`node ${this.plan.name} has no power`), { code: 'NO_POWER' });
    return this.#power;
  }

  /** Runs something synchronous in the node's network namespace. */
  inNetwork<T>(act: () => T): T {
    return inside({ namespaces: { net: this.#power_().namespaces.net }, home: this.#home }, act);
  }

  /** Applies the kernel settings; interfaces must be there already, since some settings are theirs. */
  applySysctls(): void {
    this.inNetwork(() => {
      for (const [name, value] of Object.entries({ ...SYSCTLS, ...this.plan.sysctls })) {
        writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, value);
      }
    });
  }

  /** Starts the first process; resolves when the node is ready to run others. */
  async start(): Promise<void> {
    const power = this.#power_();
    const env = { PATH, HOSTNAME: this.plan.hostname, HOME: '/root', ...this.plan.env };
    const argv = ['-c', INIT, 'init', ...this.#asUser(this.plan.user, this.plan.argv)];
    const init = inside({ namespaces: pick(power.namespaces, KINDS), home: this.#home }, () => {
      unshare(['pid']);
      try {
        const child = spawn('/bin/sh', argv, {
          cwd: '/',
          env,
          stdio: ['ignore', this.#console, this.#console, 'pipe'],
        });
        return child;
      } finally {
        // /proc is out of reach here, but descriptors are not: see below.
        enter({ mnt: this.#home.mnt });
        power.namespaces.pid = openSync('/proc/thread-self/ns/pid_for_children', 'r');
        enter({ pid: this.#home.pid });
      }
    });
    power.init = init;
    power.pidNamespace = readlinkSync(`/proc/self/fd/${power.namespaces.pid}`);
    init.on('exit', (code) => {
      if (this.#power !== power) return;
      delete power.init;
      this.onExit(code);
    });
    await new Promise<void>((resolve, reject) => {
      init.on('error', reject);
      init.on('exit', () => reject(new Error(`the first process of node ${this.plan.name} ended at once`)));
      init.stdio[3]!.once('data', () => resolve());
    });
  }

  #asUser(user: string | undefined, argv: readonly string[]): string[] {
    return user === undefined
      ? [...argv]
      : [...asUser(user, `/proc/self/fd/${this.#power_().root}`), ...argv];
  }

  /** Starts a process in the node. */
  spawn(
    argv: readonly string[],
    { env = {}, user, ...options }: SpawnOptions & { user?: string | undefined } = {},
  ): ChildProcess {
    const power = this.#power_();
    const hasEnded = () => new Error(`node ${this.plan.name} is not running: its first process has ended`);
    if (!power.init) throw hasEnded();
    const [command = '', ...rest] = this.#asUser(user, argv);
    const environment = { PATH, HOSTNAME: this.plan.hostname, HOME: '/root', ...this.plan.env, ...env };
    try {
      return inside({ namespaces: power.namespaces, home: this.#home }, () =>
        spawn(command, rest, { cwd: '/', ...options, env: environment }),
      );
    } catch (error) {
      // What the kernel says of a PID namespace without its first process, which may end before this one is told.
      throw (error as NodeJS.ErrnoException).code === 'ENOMEM' ? hasEnded() : error;
    }
  }

  /** The node's processes, its first one left out. */
  processes(): KeptProcess[] {
    const power = this.#power_();
    return processesOf(power.pidNamespace)
      .map(({ pids, ...info }) => ({ ...info, host: pids[0]!, pid: pids.at(-1)!, outer: pids.at(-2)! }))
      .filter(({ pid }) => pid !== 1);
  }

  /** Stops or continues every process of the node. */
  signalAll(signal: 'SIGSTOP' | 'SIGCONT'): MonotonicBracket {
    const { before, after } = signalAll(() => this.processes(), signal);
    return { before: before.toString(), after: after.toString() };
  }

  /** Ends every process at once and lets go of the namespaces; the file system's contents stay. */
  async powerOff({ linesDead }: { linesDead: () => void }): Promise<void> {
    const power = this.#power_();
    this.#power = undefined;
    linesDead();
    const { init } = power;
    if (init && init.exitCode === null && init.signalCode === null) {
      const ended = new Promise((resolve) => init.once('exit', resolve));
      init.kill('SIGKILL');
      await ended;
    }
    for (const descriptor of [power.root, ...Object.values(power.namespaces)]) closeSync(descriptor!);
  }
}

const pick = <K extends string>(from: Record<K, number>, kinds: readonly K[]) =>
  Object.fromEntries(kinds.map((kind) => [kind, from[kind]])) as Record<K, number>;
