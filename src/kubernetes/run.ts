import type { V1ConfigMap, V1Job, V1OwnerReference } from '@kubernetes/client-node';
import { CannotRun } from '../runtime/errors.js';
import { type Cluster, ClusterError } from './cluster.js';
import {
  fetchable,
  heard,
  initialState,
  isHopeless,
  isMoving,
  isOver,
  type RunState,
  reasonsOf,
  releasable,
  type Word,
} from './follow.js';
import type { PodView } from './pod-view.js';
import { fetchedIndexes, fetchResults, releasePod } from './results.js';
import { listen } from './watching.js';

/**
 * Makes a Job and what it owns, and lets it begin. Where that cannot be, nothing is left.
 * @param maps its ConfigMaps, as its own
 * @returns its uid
 * @throws CannotRun where there is a run of that name, or something is refused
 */
export async function startRun(
  cluster: Cluster,
  { job, maps }: { job: V1Job; maps: (owner: V1OwnerReference) => V1ConfigMap[] },
): Promise<string> {
  const name = job.metadata!.name!;
  const { metadata } = await cluster.createJob(job).catch((error: unknown) => {
    if (!(error instanceof ClusterError) || error.status !== 409) throw error;
    throw new CannotRun(`there is a run ${name} in the namespace ${cluster.namespace} already`, {
      hint: `name another one with --name, or: faildrill kubernetes attach ${name}`,
      cause: error,
    });
  });
  const uid = metadata!.uid!;
  try {
    for (const map of maps(ownerReference({ name, uid }))) await cluster.createConfigMap(map);
    await cluster.startJob(name);
    return uid;
  } catch (error) {
    await cluster.deleteJob(name).catch(() => {});
    throw error;
  }
}

export const ownerReference = (
  { name, uid }: { name: string; uid: string },
  kind: 'Job' | 'CronJob' = 'Job',
): V1OwnerReference => ({ apiVersion: 'batch/v1', kind, name, uid, controller: false });

/** A run to be followed. */
export interface Followed {
  name: string;
  uid: string;
  indexes: number;
  /** Where its results go. */
  folder: string;
  /** Milliseconds without anything drilling, after which what waits is given up. */
  startTimeoutMs: number;
  /** Ends it, and leaves the run alone. */
  stop: AbortSignal;
  /** Told what changed. */
  notice: (state: RunState, before: RunState) => void;
  /** Told what went wrong and is tried again. */
  warn: (text: string) => void;
}

/** What became of a run. */
export interface Outcome {
  state: RunState;
  /** Why it was given up before its end. */
  givenUp?: string;
}

/** Results that are fetched at the same time, at most, and times that this is tried. */
const FETCHES = 4;
const ATTEMPTS = 5;

/** Complaints that mean that there will never be a pod. */
const NEVER = /violates PodSecurity|is forbidden: (?!exceeded quota)/;

/** Follows a run to its end and fetches what it leaves. @throws ClusterError where the user may not follow it */
export async function followRun(cluster: Cluster, run: Followed): Promise<Outcome> {
  const { name, uid, indexes, folder, startTimeoutMs, stop, notice, warn } = run;
  let state = initialState(indexes, fetchedIndexes(folder));
  let givenUp: string | undefined;
  let movedAt = Date.now();
  const busy = new Map<string, Promise<void>>();
  const attempts = new Map<string, number>();
  const end = new AbortController();
  const signal = AbortSignal.any([stop, end.signal]);

  const hear = (word: Word) => {
    const before = state;
    state = heard(state, word);
    if (isMoving(state) || settledIn(state) !== settledIn(before)) movedAt = Date.now();
    notice(state, before);
    attend();
  };
  /** Fetches what is to be fetched, lets go what is not wanted, and ends when all is done. */
  const attend = () => {
    if (signal.aborted) return;
    const fetching = fetchable(state).map((pod) => ({ pod, act: fetchResults }));
    const releasing = releasable(state).map((pod) => ({ pod, act: releasePod }));
    for (const { pod, act } of [...releasing, ...fetching]) {
      if (busy.size >= FETCHES) break;
      if (!busy.has(pod.name)) begin(pod, act);
    }
    if (busy.size === 0 && isOver(state)) end.abort();
    else if (NEVER.test(state.complaint ?? '') && !isMoving(state)) giveUp(state.complaint!);
    else if (isHopeless(state) && !isMoving(state)) giveUp('there is a pod that can never start');
  };
  const begin = (pod: PodView, act: typeof fetchResults) => {
    const number = (attempts.get(pod.name) ?? 0) + 1;
    attempts.set(pod.name, number);
    const work = act(cluster, pod, folder).then(
      (): Word =>
        act === fetchResults
          ? { k: 'fetched', index: pod.index, name: pod.name }
          : { k: 'pod-gone', name: pod.name },
      async (error: Error): Promise<Word | undefined> => {
        if (number >= ATTEMPTS) return { k: 'unfetchable', name: pod.name, why: error.message };
        // A pod that is let go may be gone before it is heard of.
        if (act === fetchResults) warn(`${pod.name}: ${error.message}; once more`);
        await later(2 ** number * 500, signal);
        return undefined;
      },
    );
    busy.set(
      pod.name,
      work.then((word) => {
        busy.delete(pod.name);
        if (word) hear(word);
        else attend();
      }),
    );
  };
  const giveUp = (why: string) => {
    givenUp ??= why;
    end.abort();
  };
  const clock = setInterval(() => {
    if (busy.size > 0 || isMoving(state) || Date.now() - movedAt < startTimeoutMs) return;
    giveUp(`nothing has started for ${Math.round(startTimeoutMs / 1000)} s`);
  }, 1000);
  try {
    attend();
    await listen(cluster, { name, uid }, { signal, hear, trouble: troubleTo(warn) });
  } finally {
    clearInterval(clock);
    end.abort();
    await Promise.all(busy.values());
  }
  if (givenUp === undefined) return { state };
  return { state, givenUp: [givenUp, ...(await whyNot(cluster, state, givenUp))].join('; ') };
}

const settledIn = ({ indexes }: RunState): number =>
  indexes.filter(({ phase }) => phase === 'done' || phase === 'failed').length;

const later = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Says once that the API server does not answer, and once that it does again. */
function troubleTo(warn: (text: string) => void) {
  let last: string | undefined;
  return (problem: ClusterError | undefined) => {
    if (problem?.message === last) return;
    if (problem) warn(`${problem.message}; trying again`);
    last = problem?.message;
  };
}

/** What Kubernetes says of what does not start: the pods' own reasons, and the events of one of them that has none. */
async function whyNot(cluster: Cluster, state: RunState, known: string): Promise<string[]> {
  const reasons = reasonsOf(state).filter((reason) => reason !== known);
  if (reasons.length > 0) return reasons;
  const pod = state.indexes.find(({ phase, pod }) => phase === 'starting' && pod)?.pod;
  if (!pod) return [];
  const events = await cluster.eventsOf({ kind: 'Pod', name: pod.name }).catch(() => []);
  const warnings = events.filter(({ type }) => type === 'Warning');
  return warnings.slice(-1).map(({ reason, message }) => `${reason}: ${message}`);
}
