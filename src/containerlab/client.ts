import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContainerlabEnd, followContainerlab, runContainerlab } from '../linux/containerlab-command.js';
import {
  type ContainerlabEvent,
  type ExecAnswer,
  type FailedExec,
  failedExecs,
  type LabContainer,
  type NetemShown,
  parseEvent,
  parseExec,
  parseInspect,
  parseNetem,
} from './answers.js';
import { ContainerlabError, ownWords } from './errors.js';
import {
  type ContainerlabFeature,
  type ContainerlabVersion,
  featuresOf,
  isAtLeast,
  OLDEST,
  parseVersion,
  since,
} from './version.js';

/** How containerlab is started. */
export interface ContainerlabOptions {
  /** Words of the command line in front of its own; `['sudo', 'containerlab']` where it takes that. */
  command?: readonly string[];
  /** Variables besides this process's own, for a topology's `${NAME}` among others. */
  env?: Record<string, string>;
}

/** What every call takes. */
export interface CallOptions {
  /** Aborting it ends containerlab as Ctrl-C does, and rejects with the reason `aborted`. */
  signal?: AbortSignal | undefined;
  /** After which it is ended, milliseconds; none waits as long as it takes. */
  timeoutMs?: number | undefined;
}

/** A lab, by its topology file or by its name where it is up. */
export type LabReference = { topology: string } | { name: string };

/** What a deployment left. */
export interface Deployment {
  containers: LabContainer[];
  /** Commands of `exec` that failed, which containerlab does not count as a failure. */
  failedExecs: FailedExec[];
  /** All that was logged. */
  log: string;
}

const referenceOf = (lab: LabReference): string[] =>
  'topology' in lab ? ['--topo', lab.topology] : ['--name', lab.name];

const listed = (flag: string, names: readonly string[] | undefined): string[] =>
  names && names.length > 0 ? [flag, names.join(',')] : [];

/** containerlab, with types. Its version is read once; what that version cannot do is refused before it is started. */
export class Containerlab {
  readonly version: ContainerlabVersion;
  readonly features: Readonly<Record<ContainerlabFeature, boolean>>;
  readonly #command: readonly string[];
  readonly #env: Record<string, string>;

  private constructor(version: ContainerlabVersion, options: Required<ContainerlabOptions>) {
    this.version = version;
    this.features = featuresOf(version);
    this.#command = options.command;
    this.#env = options.env;
  }

  /**
   * Finds containerlab and reads its version.
   * @throws ContainerlabError where it is missing, may not be run, or is too old
   */
  static async open(
    { command = ['containerlab'], env = {} }: ContainerlabOptions = {},
    call: CallOptions = {},
  ) {
    // The short form is there since 0.70; an earlier one prints lines of names and values.
    for (const argv of [['version', '--short'], ['version']]) {
      const end = await runContainerlab(argv, { command, env, ...call });
      const version = end.exitCode === 0 ? parseVersion(end.stdout) : undefined;
      if (version) {
        if (!isAtLeast(version, OLDEST)) throw tooOld([...command, ...argv], version, OLDEST);
        return new Containerlab(version, { command, env });
      }
      if (end.exitCode === undefined || argv.length === 1) throw failure([...command, ...argv], end);
    }
    throw new Error('unreachable');
  }

  async #run(argv: readonly string[], { env, ...call }: CallOptions & { env?: Record<string, string> } = {}) {
    const end = await runContainerlab(argv, {
      command: this.#command,
      env: { ...this.#env, ...env },
      ...call,
    });
    if (end.exitCode !== 0 || end.canceled || end.timedOut) throw failure([...this.#command, ...argv], end);
    return end;
  }

  #need(feature: ContainerlabFeature, argv: readonly string[]) {
    if (!this.features[feature]) throw tooOld([...this.#command, ...argv], this.version, since(feature));
  }

  /**
   * Deploys a lab.
   * @param options.reconfigure destroys one of that name first
   * @param options.labFolder where it makes the lab's folder, instead of the folder it is started in
   * @param options.graceMs how long containerlab waits for Docker, milliseconds
   */
  async deploy(
    options: {
      topology: string;
      reconfigure?: boolean;
      nodes?: readonly string[];
      maxWorkers?: number;
      graceMs?: number;
      labFolder?: string;
    } & CallOptions,
  ): Promise<Deployment> {
    const { topology, reconfigure = false, nodes, maxWorkers, graceMs, labFolder, ...call } = options;
    const argv = [
      'deploy',
      '--topo',
      topology,
      ...(reconfigure ? ['--reconfigure'] : []),
      ...listed('--node-filter', nodes),
      ...(maxWorkers === undefined ? [] : ['--max-workers', String(maxWorkers)]),
      ...(graceMs === undefined ? [] : ['--timeout', `${graceMs}ms`]),
      '--format',
      'json',
    ];
    const env = labBase(labFolder);
    const { stdout, stderr } = await this.#run(argv, { ...call, env });
    return { containers: parseInspect(stdout), failedExecs: failedExecs(stderr), log: stderr };
  }

  /**
   * Destroys a lab, or some nodes of it.
   * @param options.cleanUp removes the lab's folder too
   */
  async destroy(
    lab: LabReference,
    options: {
      cleanUp?: boolean;
      nodes?: readonly string[];
      keepManagementNetwork?: boolean;
      labFolder?: string;
    } & CallOptions = {},
  ): Promise<void> {
    const { cleanUp = false, nodes, keepManagementNetwork = false, labFolder, ...call } = options;
    const argv = [
      'destroy',
      ...referenceOf(lab),
      ...(cleanUp ? ['--cleanup'] : []),
      ...listed('--node-filter', nodes),
      ...(keepManagementNetwork ? ['--keep-mgmt-net'] : []),
    ];
    await this.#run(argv, { ...call, env: labBase(labFolder) });
  }

  /** The containers of a lab, or of all labs; none where no such lab is up. */
  async inspect(lab?: LabReference, call: CallOptions = {}): Promise<LabContainer[]> {
    const { stdout } = await this.#run(['inspect', '--all', '--format', 'json'], call);
    // Asked for one that is not up, versions differ between an empty answer and an error.
    const all = stdout.trim() === '' ? [] : parseInspect(stdout);
    if (!lab) return all;
    return all.filter((one) => ('name' in lab ? one.lab === lab.name : one.topology === lab.topology));
  }

  /**
   * Runs commands in the containers of a lab.
   * @param options.labels only in those with these labels
   */
  async exec(
    lab: LabReference,
    options: { commands: readonly string[]; labels?: Record<string, string> } & CallOptions,
  ): Promise<ExecAnswer[]> {
    const { commands, labels = {}, ...call } = options;
    const argv = [
      'exec',
      ...referenceOf(lab),
      ...commands.flatMap((command) => ['--cmd', command]),
      ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      '--format',
      'json',
    ];
    return parseExec((await this.#run(argv, call)).stdout);
  }

  /** Saves the configurations of a lab's nodes, each in its kind's own way. */
  async save(lab: LabReference, options: { nodes?: readonly string[] } & CallOptions = {}): Promise<void> {
    const { nodes, ...call } = options;
    await this.#run(['save', ...referenceOf(lab), ...listed('--node-filter', nodes)], call);
  }

  /** A topology as a graph, in Mermaid's language or Graphviz's. */
  async graph(topology: string, format: 'mermaid' | 'dot', call: CallOptions = {}): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'faildrill-graph-'));
    try {
      const argv = ['graph', '--topo', topology, `--${format}`];
      await this.#run(argv, { ...call, env: labBase(folder) });
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const file = files.find((name) => name.endsWith(`.${format}`));
      if (file === undefined)
        throw new ContainerlabError('it made no graph', {
          reason: 'failed',
          command: [...this.#command, ...argv],
          exitCode: 0,
        });
      return readFileSync(join(folder, file), 'utf8');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * What happens to the containers and interfaces of all labs, as it happens, until the reader stops or the call is aborted.
   * @param options.initial starts with what there is
   */
  async *events(
    options: { initial?: boolean } & Pick<CallOptions, 'signal'> = {},
  ): AsyncGenerator<ContainerlabEvent, void> {
    const argv = ['events', '--format', 'json', ...(options.initial ? ['--initial-state'] : [])];
    this.#need('events', argv);
    const lines = followContainerlab(argv, {
      command: this.#command,
      env: this.#env,
      signal: options.signal,
    });
    try {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) {
          // It runs until it is ended: that it ended by itself is an error, whatever its exit code.
          if (!value.canceled) throw failure([...this.#command, ...argv], value);
          return;
        }
        if (value.trim() !== '') yield parseEvent(value);
      }
    } finally {
      await lines.return({} as ContainerlabEnd);
    }
  }

  /** `tools netem`: what an interface of a container sends is impaired, by the kernel's netem. */
  readonly netem = {
    /**
     * @param options.container its full name: `clab-pair-a`
     * @param options.delay Go durations, as `10ms`; `loss` and `corruption` in percent, `rate` in kbit/s
     */
    set: async (
      options: {
        container: string;
        interface: string;
        delay?: string;
        jitter?: string;
        loss?: number;
        rate?: number;
        corruption?: number;
      } & CallOptions,
    ): Promise<void> => {
      const { container, interface: name, signal, timeoutMs, ...impairments } = options;
      const flags = Object.entries(impairments).flatMap(([flag, value]) =>
        value === undefined ? [] : [`--${flag}`, String(value)],
      );
      const argv = ['tools', 'netem', 'set', '--node', container, '--interface', name, ...flags];
      await this.#run(argv, { signal, timeoutMs });
    },
    /** What is in force on a container's interfaces. */
    show: async (container: string, call: CallOptions = {}): Promise<NetemShown[]> => {
      const argv = ['tools', 'netem', 'show', '--node', container, '--format', 'json'];
      this.#need('netemJson', argv);
      return parseNetem((await this.#run(argv, call)).stdout);
    },
    reset: async (options: { container: string; interface: string } & CallOptions): Promise<void> => {
      const { container, interface: name, ...call } = options;
      const argv = ['tools', 'netem', 'reset', '--node', container, '--interface', name];
      this.#need('netemReset', argv);
      await this.#run(argv, call);
    },
  };

  /** `tools veth`: a link between containers that are up. */
  readonly veth = {
    /** @param options.a ends as containerlab writes them: `clab-pair-a:eth7`, `bridge:br0:p1`, `host:end0` */
    create: async (options: { a: string; b: string; mtu?: number } & CallOptions): Promise<void> => {
      const { a, b, mtu, ...call } = options;
      const size = mtu === undefined ? [] : ['--mtu', String(mtu)];
      await this.#run(['tools', 'veth', 'create', '--a-endpoint', a, '--b-endpoint', b, ...size], call);
    },
  };

  /** Stops nodes, or all; their links are kept for when they start again. */
  stop(lab: LabReference, options: { nodes?: readonly string[] } & CallOptions = {}): Promise<void> {
    return this.#lifecycle('stop', lab, options);
  }

  /** Starts nodes that were stopped; they get their links back. */
  start(lab: LabReference, options: { nodes?: readonly string[] } & CallOptions = {}): Promise<void> {
    return this.#lifecycle('start', lab, options);
  }

  restart(lab: LabReference, options: { nodes?: readonly string[] } & CallOptions = {}): Promise<void> {
    return this.#lifecycle('restart', lab, options);
  }

  async #lifecycle(
    verb: 'stop' | 'start' | 'restart',
    lab: LabReference,
    { nodes, ...call }: { nodes?: readonly string[] } & CallOptions,
  ): Promise<void> {
    const argv = [verb, ...referenceOf(lab), ...listed('--node', nodes)];
    this.#need('nodeLifecycle', argv);
    await this.#run(argv, call);
  }
}

const spelt = (version: ContainerlabVersion) => version.join('.');

const tooOld = (command: readonly string[], version: ContainerlabVersion, wanted: ContainerlabVersion) =>
  new ContainerlabError(`containerlab ${spelt(version)} is too old: this takes ${spelt(wanted)} or later`, {
    reason: 'too-old',
    command,
    hint: 'upgrade it: containerlab version upgrade',
  });

/** What is wrong, by how a command ended. */
function failure(command: readonly string[], end: ContainerlabEnd): ContainerlabError {
  const { exitCode, code, stderr, canceled, timedOut } = end;
  const common = { command, exitCode, log: stderr };
  const program = command[0]!;
  if (code === 'ENOENT')
    return new ContainerlabError(`${program} is not on this machine`, {
      ...common,
      reason: 'missing',
      hint: 'see https://containerlab.dev/install',
    });
  if (canceled) return new ContainerlabError('containerlab was ended', { ...common, reason: 'aborted' });
  if (timedOut)
    return new ContainerlabError('containerlab took too long and was ended', {
      ...common,
      reason: 'timeout',
    });
  const said = ownWords(stderr);
  if (code === 'EACCES' || /root privileges|permission denied|a password is required/i.test(said))
    return new ContainerlabError(`containerlab may not do that: ${code === 'EACCES' ? code : said}`, {
      ...common,
      reason: 'not-permitted',
      hint: 'run it as root, or as a member of the group clab_admins',
    });
  return new ContainerlabError(said, { ...common, reason: 'failed' });
}

/** Tells containerlab which folder it is to make a lab's own folder in. */
const labBase = (folder: string | undefined): Record<string, string> =>
  folder === undefined ? {} : { CLAB_LABDIR_BASE: folder };
