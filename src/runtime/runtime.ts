import type { Bracket, Clock } from '../linux/clock.js';
import type { LinkEnd, Topology } from '../topology/topology.js';

/** Brings labs up. */
export interface Runtime {
  readonly name: string;
  /**
   * Looks whether a topology can be deployed, as far as that can be told without doing it.
   * @throws CannotRun as `deploy` would
   */
  check(topology: Topology): void;
  /**
   * Deploys a lab and keeps it until it is disposed of or this process ends.
   * @throws CannotRun where the machine or the runtime cannot run this topology
   */
  deploy(order: LabOrder): Promise<Lab>;
}

/** What is to be deployed, on which clock its events are told. */
export interface LabOrder {
  topology: Topology;
  clock: Clock;
}

/** A deployed topology. */
export interface Lab extends AsyncDisposable {
  readonly name: string;
  readonly runtime: string;
  readonly topology: Topology;
  /** Whether it stays when the drill ends, with whatever was not undone. */
  readonly outlivesDrill: boolean;
  readonly nodes: ReadonlyMap<string, Node>;
  /** By the names that the topology gives them. */
  readonly links: ReadonlyMap<string, Link>;
  /** How long the deployment took, on the drill clock. */
  readonly deployed: Bracket;
  /** Settles when the lab ended without being told to; says why. */
  readonly lost: Promise<Error>;
  /** Told when a node's first process ended without being told to, with its exit code. */
  onNodeExit: (node: string, code: number | null) => void;
}

/** Which processes of a node are meant: by kernel name, PID file, or a regular expression on the command line. */
export type ProcessMatch = { name: string } | { pidfile: string } | { cmdline: string };

/** A process of a node, by its PID in the node. */
export interface NodeProcess {
  pid: number;
  name: string;
  commandLine: string;
  /** State letter of proc(5). */
  state: string;
  /** Clock ticks since boot: with the PID it names the process for good. */
  started: string;
}

/** A command to run in a node. */
export interface Command {
  argv: readonly string[];
  env?: Record<string, string>;
  input?: string;
  user?: string;
  /** Nanoseconds; none waits as long as it takes. */
  timeout?: number;
}

/** What came of a command; `code` is null where a signal ended it. */
export interface CommandOutcome extends Bracket {
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  stdout: string;
  stderr: string;
}

/** What came of a signal to processes. */
export interface SignalOutcome extends Bracket {
  processes: NodeProcess[];
}

/** A node of a lab. */
export interface Node {
  readonly name: string;
  /** Power cycles so far: each takes what was in its kernel and its memory. */
  readonly powerCycles: number;
  /** Path of its network namespace for this process; none while it has no power. */
  readonly network: string | undefined;
  /** Path under which this process can reach its files; none while it has no power. */
  readonly files: string | undefined;
  /** File that its daemons' console output goes to. */
  readonly console: string;
  run(command: Command): Promise<CommandOutcome>;
  processes(match?: ProcessMatch): Promise<NodeProcess[]>;
  /** Signals processes; the bracket holds the instant at which SIGKILL, SIGSTOP and SIGCONT had done their work. */
  signal(match: ProcessMatch, signal: NodeJS.Signals): Promise<SignalOutcome>;
  /** Cuts its power. */
  stop(): Promise<Bracket>;
  /** Gives it power again: it boots with its links and addresses as at first. */
  start(): Promise<Bracket>;
  /** Stops everything in it, forwarding included, with its lines' carrier up. */
  freeze(): Promise<Bracket>;
  thaw(): Promise<Bracket>;
}

/** How a link is cut: no carrier at both ends, packets vanish both ways, or one way. */
export type CutMode = 'carrier' | 'silent' | 'one-way';

/** Direction on a link: from its first to its second end, or back. */
export type Direction = 'forth' | 'back';

/** State of a link: `forwards[0]` is from the first end to the second. */
export interface LinkState {
  carrier: [boolean, boolean];
  forwards: [boolean, boolean];
}

/** Where the packets that a link delivered are counted: an interface's sent packets, in a network namespace. */
export interface LinkMeter {
  network: string;
  index: number;
}

/** A link of a lab. */
export interface Link {
  readonly name: string;
  readonly ends: readonly [LinkEnd, LinkEnd];
  /** For each direction, forth and back. */
  readonly meters: readonly [LinkMeter, LinkMeter];
  /** Cuts it under a name; several cuts of one link add up, and each is restored on its own. */
  cut(id: string, mode: CutMode, direction?: Direction): Promise<Bracket>;
  /** Takes a cut back; one that is not there is no error. */
  restore(id: string): Promise<Bracket>;
  state(): Promise<LinkState>;
}
