import { setTimeout } from 'node:timers/promises';
import type { CoreV1Event, V1Job } from '@kubernetes/client-node';
import { type Cluster, ClusterError, type Watched } from './cluster.js';
import { indexSet, type JobView, type Word } from './follow.js';
import { JOB_UID } from './names.js';
import { podView } from './pod-view.js';

/** Milliseconds to wait before a lost connection is tried again: the first time, and at most. */
const BACKOFF = { first: 1000, most: 30_000 };

/** Statuses that no waiting heals. */
const FINAL = [401, 403, 404];

interface Listening {
  signal: AbortSignal;
  hear: (word: Word) => void;
  /** Told when the API server does not answer, or answers again. */
  trouble: (problem: ClusterError | undefined) => void;
}

/**
 * Listens to all that concerns a run, by one watch each for its pods, its Job and the Job's events, however many indexes it has. Resolves when the signal says so.
 * @throws ClusterError where the user may not, or may not any more
 */
export async function listen(
  cluster: Cluster,
  { name, uid }: { name: string; uid: string },
  { signal: stop, hear, trouble }: Listening,
): Promise<void> {
  // Where one of them is refused, the others are of no use.
  const all = new AbortController();
  const signal = AbortSignal.any([stop, all.signal]);
  const keep = <K extends keyof Watched>(
    kind: K,
    options: { labels?: string; fields?: string },
    notice: (object: Watched[K], isGone: boolean) => void,
  ) =>
    keepWatching(
      (heardOf) =>
        cluster.watch(kind, {
          ...options,
          signal,
          notice: (object, isGone) => {
            heardOf();
            notice(object, isGone);
          },
        }),
      { signal, trouble },
    );
  try {
    await Promise.all([
      keep('pods', { labels: `${JOB_UID}=${uid}` }, (pod, isGone) =>
        hear(isGone ? { k: 'pod-gone', name: pod.metadata!.name! } : { k: 'pod', pod: podView(pod) }),
      ),
      keep('jobs', { fields: `metadata.name=${name}` }, (job, isGone) => {
        if (job.metadata?.uid === uid) hear({ k: 'job', job: jobView(job, isGone) });
      }),
      keep('events', { fields: `involvedObject.uid=${uid}` }, (event) => {
        if (event.type === 'Warning') hear({ k: 'complaint', text: complaintOf(event) });
      }),
    ]);
  } finally {
    all.abort();
  }
}

/** Watches again whenever a watch ends, at once where it was of use, and later and later where it was not. */
async function keepWatching(
  watch: (heardOf: () => void) => Promise<void>,
  { signal, trouble }: Pick<Listening, 'signal' | 'trouble'>,
): Promise<void> {
  let delay = BACKOFF.first;
  while (!signal.aborted) {
    try {
      await watch(() => {
        delay = BACKOFF.first;
      });
      trouble(undefined);
    } catch (error) {
      if (!(error instanceof ClusterError) || FINAL.includes(error.status ?? 0)) throw error;
      // A single one is no trouble: where a cache of the API server lags, it refuses a watch for a moment.
      if (delay > BACKOFF.first) trouble(error);
      await setTimeout(delay, undefined, { signal }).catch(() => {});
      delay = Math.min(2 * delay, BACKOFF.most);
    }
  }
}

const complaintOf = ({ reason, message }: CoreV1Event): string =>
  [reason, message].filter(Boolean).join(': ');

/** Reads what a Job says of itself. */
export function jobView({ status }: V1Job, isGone: boolean): JobView {
  const end = status?.conditions?.find(
    ({ type, status: value }) => ['Complete', 'Failed'].includes(type) && value === 'True',
  );
  const ended = isGone ? 'its Job was deleted' : end && (end.message ?? `its Job is ${end.type}`);
  return {
    completed: indexSet(status?.completedIndexes),
    failed: indexSet(status?.failedIndexes),
    ...(ended !== undefined && { ended }),
  };
}
