import type { Readable } from 'node:stream';
import type { CoreV1Event, V1ConfigMap, V1CronJob, V1Job, V1Pod } from '@kubernetes/client-node';
import { CannotRun } from '../runtime/errors.js';

/** What the API server refused, or why it did not answer. */
export class ClusterError extends CannotRun {
  /** HTTP status; nothing where there was no answer. */
  readonly status: number | undefined;
  constructor(message: string, { status, hint, cause }: { status?: number; hint?: string; cause?: unknown }) {
    super(message, { ...(hint !== undefined && { hint }), cause });
    this.status = status;
  }
}

/** Something that may be done to a resource. */
export interface Right {
  group: '' | 'batch';
  resource: string;
  subresource?: string;
  verb: string;
}

/** What is watched: one kind of object, those that a selector chooses. */
export interface Watched {
  pods: V1Pod;
  jobs: V1Job;
  events: CoreV1Event;
}

/** A command that runs in a container. */
export interface Execution {
  /** What it prints; ends when the command does. */
  output: Readable;
  /** Gives it a line to read. */
  answer(line: string): void;
  /** Resolves when it ended well. Rejects where it did not, or where the connection was lost. */
  ended: Promise<void>;
  /** Ends the connection. */
  close(): void;
}

/** One namespace of a cluster. Every method but `watch` rejects with a `ClusterError`. */
export interface Cluster {
  namespace: string;
  /** Whether the user has a right; nothing where the cluster does not say. */
  may(right: Right): Promise<boolean | undefined>;
  createJob(job: V1Job): Promise<V1Job>;
  readJob(name: string): Promise<V1Job>;
  /** Lets a Job begin that was made to wait. */
  startJob(name: string): Promise<void>;
  /** Takes a Job away, with all that it owns. */
  deleteJob(name: string): Promise<void>;
  createConfigMap(map: V1ConfigMap): Promise<void>;
  readConfigMap(name: string): Promise<V1ConfigMap>;
  /** Makes a CronJob, or changes the one of that name. */
  applyCronJob(job: V1CronJob): Promise<V1CronJob>;
  eventsOf(object: { kind: string; name: string }): Promise<CoreV1Event[]>;
  /**
   * Tells of all objects that are there and of all changes, until the server ends the connection, as it does every few minutes.
   * @throws ClusterError where it is refused or lost
   */
  watch<K extends keyof Watched>(
    kind: K,
    options: {
      labels?: string;
      fields?: string;
      signal: AbortSignal;
      notice: (object: Watched[K], isGone: boolean) => void;
    },
  ): Promise<void>;
  execute(where: { pod: string; container: string; command: readonly string[] }): Promise<Execution>;
}
