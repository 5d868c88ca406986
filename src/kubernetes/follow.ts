import { RESULT_CODES } from './manifests.js';
import type { PodView } from './pod-view.js';

/** What the Job itself says. */
export interface JobView {
  /** Indexes that succeeded, and that will not be begun again. */
  completed: ReadonlySet<number>;
  failed: ReadonlySet<number>;
  /** Why nothing more is going to happen; nothing while something may. */
  ended?: string;
}

/** What is heard of a run. */
export type Word =
  /** A pod of it is there, or has changed. */
  | { k: 'pod'; pod: PodView }
  /** A pod of it was taken away. */
  | { k: 'pod-gone'; name: string }
  | { k: 'job'; job: JobView }
  /** What Kubernetes complains of about the Job, as that it may make no pods. */
  | { k: 'complaint'; text: string }
  /** The results of an index are here, from that pod. */
  | { k: 'fetched'; index: number; name: string }
  /** The results of a pod cannot be had from it any more. */
  | { k: 'unfetchable'; name: string; why: string };

/** Where an index stands. Once it is `done` or `failed` it stays so: a pod that comes later changes nothing. */
export interface IndexState {
  phase: 'waiting' | 'starting' | 'drilling' | 'holding' | 'done' | 'failed';
  /** Its latest pod. */
  pod?: PodView;
  /** Names of all pods that it had. */
  pods: readonly string[];
  /** Why it does not start, or failed. */
  reason?: string;
}

/** Where a run stands. */
export interface RunState {
  indexes: readonly IndexState[];
  /** Pods whose drill is over, and that wait for somebody to fetch the results, by name. */
  holding: ReadonlyMap<string, PodView>;
  job: JobView;
  complaint?: string;
}

/** A run of which nothing was heard yet. @param fetched indexes whose results are here already */
export const initialState = (indexes: number, fetched: ReadonlySet<number> = new Set()): RunState => ({
  indexes: Array.from({ length: indexes }, (_, index) => ({
    phase: fetched.has(index) ? 'done' : 'waiting',
    pods: [],
  })),
  holding: new Map(),
  job: { completed: new Set(), failed: new Set() },
});

/** Takes in what was heard. What comes twice, or late, changes nothing. */
export const heard = <W extends Word>(state: RunState, word: W): RunState =>
  settled((takes[word.k] as (state: RunState, word: W) => RunState)(state, word));

const takes: { [K in Word['k']]: (state: RunState, word: Extract<Word, { k: K }>) => RunState } = {
  pod: (state, { pod }) =>
    state.indexes[pod.index]
      ? changed({ ...state, holding: holdingWith(state.holding, pod) }, pod.index, (one) => withPod(one, pod))
      : state,
  'pod-gone': (state, { name }) => ({ ...state, holding: without(state.holding, name) }),
  job: (state, { job }) => ({ ...state, job }),
  complaint: (state, { text }) => ({ ...state, complaint: text }),
  fetched: (state, { index, name }) =>
    changed({ ...state, holding: without(state.holding, name) }, index, ({ reason: _, ...one }) => ({
      ...one,
      phase: 'done',
    })),
  unfetchable: (state, { name, why }) => {
    const index = state.holding.get(name)?.index ?? -1;
    return changed({ ...state, holding: without(state.holding, name) }, index, (one) =>
      isSettled(one) ? one : { ...one, phase: 'waiting', reason: why },
    );
  },
};

const isSettled = ({ phase }: IndexState): boolean => phase === 'done' || phase === 'failed';

const isResult = ({ code }: PodView): boolean => code !== undefined && RESULT_CODES.includes(code);

function changed(state: RunState, index: number, change: (one: IndexState) => IndexState): RunState {
  const one = state.indexes[index];
  return one ? { ...state, indexes: state.indexes.with(index, change(one)) } : state;
}

function holdingWith(holding: RunState['holding'], pod: PodView): RunState['holding'] {
  if (pod.stage !== 'ended' || !pod.isHolding) return without(holding, pod.name);
  return new Map(holding).set(pod.name, pod);
}

function without(holding: RunState['holding'], name: string): RunState['holding'] {
  if (!holding.has(name)) return holding;
  const rest = new Map(holding);
  rest.delete(name);
  return rest;
}

const PHASES = { pending: 'starting', drilling: 'drilling' } as const;

/** What a pod says of its index, where it is the latest one. */
function withPod(one: IndexState, pod: PodView): IndexState {
  const isKnown = one.pods.includes(pod.name);
  if (one.phase === 'done' || (isKnown && one.pods.at(-1) !== pod.name)) return one;
  const known = { pods: isKnown ? one.pods : [...one.pods, pod.name], pod };
  const reason = pod.reason === undefined ? {} : { reason: pod.reason };
  if (one.phase === 'failed') return { ...one, ...known, ...reason };
  if (pod.stage !== 'ended') return { ...known, phase: PHASES[pod.stage], ...reason };
  const isHeld = pod.isHolding && isResult(pod);
  return { ...known, phase: isHeld ? 'holding' : 'waiting', ...reason };
}

/** Indexes of which the Job says that they are over, and whose results are neither here nor in a pod, have failed. */
function settled(state: RunState): RunState {
  const { completed, failed, ended } = state.job;
  if (completed.size === 0 && failed.size === 0 && ended === undefined) return state;
  const held = new Set([...state.holding.values()].filter(isResult).map(({ index }) => index));
  const indexes = state.indexes.map((one, index) => {
    const isOver = failed.has(index) || completed.has(index) || ended !== undefined;
    if (!isOver || isSettled(one) || held.has(index)) return one;
    const { reason = whyLost(one, { hasEnded: failed.has(index) || completed.has(index), ended }) } = one;
    return { ...one, phase: 'failed' as const, reason };
  });
  return { ...state, indexes };
}

function whyLost(
  { pod }: IndexState,
  { hasEnded, ended }: { hasEnded: boolean; ended: string | undefined },
): string {
  if (pod?.code !== undefined && !isResult(pod)) return `its pods ended with exit code ${pod.code}`;
  if (hasEnded) return 'its pod ended before its results were fetched';
  return ended ?? 'it was not run';
}

/** Pods whose results are to be fetched. Of two of one index only one. */
export function fetchable({ holding, indexes }: RunState): PodView[] {
  const open = [...holding.values()].filter((pod) => isResult(pod) && !isSettled(indexes[pod.index]!));
  return [...new Map(open.map((pod) => [pod.index, pod])).values()];
}

/** Pods that hold nothing that is wanted: the results are here, or the drill was killed and is to be begun again. */
export const releasable = ({ holding, indexes }: RunState): PodView[] =>
  [...holding.values()].filter((pod) => !isResult(pod) || isSettled(indexes[pod.index]!));

/** Whether nothing more is to be waited for. */
export const isOver = ({ indexes }: RunState): boolean => indexes.every(isSettled);

/** Whether something drills or can be fetched: then those that have no place yet may get one. */
export const isMoving = ({ indexes }: RunState): boolean =>
  indexes.some(({ phase }) => phase === 'drilling' || phase === 'holding');

/** Whether a pod can never start. */
export const isHopeless = ({ indexes }: RunState): boolean =>
  indexes.some(({ phase, pod }) => phase === 'starting' && pod?.isHopeless === true);

/** Reasons why indexes that are not settled do not start, each once. */
export function reasonsOf({ indexes, complaint }: RunState): string[] {
  const open = indexes.filter((one) => !isSettled(one) && one.reason !== undefined);
  return [
    ...new Set([...(complaint === undefined ? [] : [complaint]), ...open.map(({ reason }) => reason!)]),
  ];
}

/** Reads what a Job says of its indexes: `0,3-5,7`. */
export function indexSet(text: string | undefined): ReadonlySet<number> {
  const ranges = (text ?? '').split(',').filter(Boolean);
  return new Set(
    ranges.flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    }),
  );
}
