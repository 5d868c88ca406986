import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { DRILL, RESULTS } from './names.js';

/** What of a pod matters here. */
export interface PodView {
  name: string;
  index: number;
  /** Of its drill. */
  stage: 'pending' | 'drilling' | 'ended';
  /** Exit code of its drill, where that has ended and its pod was there to see it. */
  code?: number;
  /** Why it does not start, or what else than an exit code ended it. */
  reason?: string;
  /** Whether it can never start. */
  isHopeless: boolean;
  /** Whether its container with the results is there to be asked. */
  isHolding: boolean;
  node?: string;
}

const INDEX = 'batch.kubernetes.io/job-completion-index';

/** Reasons of a container that waits which time does not heal. */
const HOPELESS = ['InvalidImageName', 'ErrImageNeverPull', 'CreateContainerConfigError'];

/** Reasons that say nothing: every container has them while it starts. */
const USUAL = ['ContainerCreating', 'PodInitializing'];

/** Reads a pod of a run, as Kubernetes describes it. */
export function podView({ metadata, spec, status }: V1Pod): PodView {
  const drill = containerOf(status?.containerStatuses, DRILL);
  const results = containerOf(status?.containerStatuses, RESULTS);
  const { terminated, running } = drill?.state ?? {};
  const isOver = status?.phase === 'Failed' || status?.phase === 'Succeeded';
  const reason = reasonOf({ metadata, status } as V1Pod, drill);
  return {
    name: metadata!.name!,
    index: Number(metadata!.annotations?.[INDEX] ?? metadata!.labels?.[INDEX]),
    stage: terminated || isOver ? 'ended' : running ? 'drilling' : 'pending',
    ...(terminated && { code: terminated.exitCode }),
    ...(reason !== undefined && { reason }),
    isHopeless: HOPELESS.includes(drill?.state?.waiting?.reason ?? ''),
    isHolding: results?.state?.running !== undefined && metadata!.deletionTimestamp === undefined,
    ...(spec?.nodeName !== undefined && { node: spec.nodeName }),
  };
}

const containerOf = (all: readonly V1ContainerStatus[] | undefined, name: string) =>
  all?.find((one) => one.name === name);

/** From the most telling on: what ended the container, what ended the pod, why the container waits, why the pod has no node. */
function reasonOf({ metadata, status }: V1Pod, drill: V1ContainerStatus | undefined): string | undefined {
  const { terminated, waiting } = drill?.state ?? {};
  if (terminated && !['Completed', 'Error'].includes(terminated.reason ?? 'Error'))
    return inWords(terminated.reason, terminated.message);
  const condition = (type: string, value: string) =>
    status?.conditions?.find((one) => one.type === type && one.status === value);
  const disruption = condition('DisruptionTarget', 'True');
  if (disruption) return inWords(disruption.reason, disruption.message);
  if (status?.phase === 'Failed' && status.reason !== undefined)
    return inWords(status.reason, status.message);
  if (metadata?.deletionTimestamp !== undefined) return 'it was deleted';
  if (waiting && !USUAL.includes(waiting.reason ?? '')) return inWords(waiting.reason, waiting.message);
  const unscheduled = condition('PodScheduled', 'False');
  return unscheduled && inWords(unscheduled.reason, unscheduled.message);
}

const inWords = (reason: string | undefined, message: string | undefined): string =>
  [reason, message].filter(Boolean).join(': ');
