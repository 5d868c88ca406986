import type {
  V1ConfigMap,
  V1Container,
  V1CronJob,
  V1EnvVar,
  V1Job,
  V1OwnerReference,
  V1PodFailurePolicyRule,
  V1PodSpec,
  V1ResourceRequirements,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { ACCESS, type Bucket, bucketUrl } from './bucket.js';
import {
  ARCHIVE,
  BUCKET_ANNOTATION,
  BUCKET_VARIABLE,
  DRILL,
  HOLD_EXIT,
  JOB_UID,
  PATHS,
  RESULTS,
  RUN,
  RUN_ID,
  STORED,
  VERSION,
} from './names.js';
import type { Resources } from './resources.js';
import { drilling, waiting } from './security.js';

/** How pods look and where they run. */
export interface PodOptions {
  image: string;
  resources: Resources;
  nodeSelector: Readonly<Record<string, string>>;
  /** Persistent volume claim that results are kept on; without it, they are in the pod. */
  claim?: string | undefined;
  /** Where results are kept as well, and the Secret with the variables of `ACCESS` that says how it is reached. */
  bucket?: (Bucket & { secret: string }) | undefined;
}

/** A run as its manifests need to know it. */
export interface RunOptions extends PodOptions {
  /** See `isRunName`. */
  name: string;
  /** Version of faildrill. */
  version: string;
  /** How many indexes there are, and how many of them run at once at most. */
  indexes: number;
  parallelism: number;
  /** Seconds that an ended run stays in the cluster when nobody takes it away. */
  ttlSeconds: number;
  /** Seconds that a pod keeps its results for whoever fetches them. */
  holdSeconds: number;
  /** How many ConfigMaps hold its files. */
  parts: number;
  /** Whether it waits until it is told to start. */
  suspend: boolean;
}

/** What is mounted as files: names of ConfigMaps, of which each holds one file. */
const partsOf = (name: string, parts: number): string[] => [
  `${name}-order`,
  ...Array.from({ length: parts }, (_, index) => `${name}-files-${index}`),
];

const labelsOf = (name: string): Record<string, string> => ({
  'app.kubernetes.io/name': 'faildrill',
  'app.kubernetes.io/managed-by': 'faildrill',
  [RUN]: name,
});

/**
 * The ConfigMaps with what travels.
 * @param label of the run or programme that they are of, where that is not the name that theirs begin with
 * @param files content by file name; the order first, then the parts
 * @param owner the Job or CronJob, which they go with
 */
export const configMaps = (
  name: string,
  {
    files,
    owner,
    label = name,
  }: { files: ReadonlyMap<string, Buffer>; owner?: V1OwnerReference; label?: string },
): V1ConfigMap[] => {
  const names = partsOf(name, files.size - 1);
  return [...files].map(([file, content], index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: names[index]!,
      labels: labelsOf(label),
      ...(owner && { ownerReferences: [owner] }),
    },
    immutable: true,
    binaryData: { [file]: content.toString('base64') },
  }));
};

/** Exit codes that are results: nothing is drilled again because of them. */
export const RESULT_CODES: readonly number[] = [0, 1, 2, 3, 4, 5];

/** Times that an index is begun again, when its pod was killed by something else than a disruption. */
const RETRIES = 2;

/**
 * What the end of a pod means. A disruption (drain, eviction, preemption, a lost node) begins it again and counts for nothing; an exit code of faildrill is a result; all else
 * counts against the retries.
 */
const failureRules = (action: 'FailIndex' | 'FailJob'): V1PodFailurePolicyRule[] => [
  { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
  {
    action,
    onExitCodes: {
      containerName: DRILL,
      operator: 'In',
      values: RESULT_CODES.filter((code) => code !== 0),
    },
  },
];

/** The Job of a run, one index a shard. */
export function job(run: RunOptions): V1Job {
  const { name, version, indexes, parallelism, ttlSeconds, suspend } = run;
  const labels = labelsOf(name);
  const lost: V1PodFailurePolicyRule = {
    action: 'FailIndex',
    onExitCodes: { containerName: RESULTS, operator: 'In', values: [HOLD_EXIT.expired] },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...{ name, labels },
      annotations: { [VERSION]: version, ...(run.bucket && { [BUCKET_ANNOTATION]: bucketUrl(run.bucket) }) },
    },
    spec: {
      completionMode: 'Indexed',
      completions: indexes,
      parallelism: Math.min(parallelism, indexes),
      backoffLimitPerIndex: RETRIES,
      podFailurePolicy: { rules: [...failureRules('FailIndex'), lost] },
      ttlSecondsAfterFinished: ttlSeconds,
      suspend,
      template: {
        metadata: { labels },
        spec: {
          ...placed(run),
          // Drills side by side on one node disturb each other more than on two.
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: { [RUN]: name } },
            },
          ],
          containers: [drillContainer(run), resultsContainer(run)],
          volumes: [...volumesOf(partsOf(name, run.parts)), resultsVolume(run)],
        },
      },
    },
  };
}

/** A programme as its CronJob needs to know it. */
export interface ProgrammeOptions extends Omit<PodOptions, 'claim' | 'bucket'> {
  name: string;
  version: string;
  /** As for cron, in UTC. */
  schedule: string;
  /** Name that its ConfigMaps begin with, and how many of them hold its files. */
  files: string;
  parts: number;
  /** Where its history is kept, and where the programme expects it. */
  claim: string;
  history: string;
}

/** What starts a programme every day; what is due then follows from its history. Never two at once. */
export function cronJob(programme: ProgrammeOptions): V1CronJob {
  const { name, version, schedule, claim, history } = programme;
  const labels = labelsOf(name);
  const container = drillContainer({ ...programme, claim: undefined });
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, labels, annotations: { [VERSION]: version } },
    spec: {
      schedule,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      jobTemplate: {
        metadata: { labels },
        spec: {
          backoffLimit: RETRIES,
          podFailurePolicy: { rules: failureRules('FailJob') },
          template: {
            metadata: { labels },
            spec: {
              ...placed(programme),
              containers: [
                {
                  ...container,
                  volumeMounts: [...container.volumeMounts!, { name: 'history', mountPath: history }],
                },
              ],
              volumes: [
                ...volumesOf(partsOf(programme.files, programme.parts)),
                resultsVolume({ claim: undefined }),
                { name: 'history', persistentVolumeClaim: { claimName: claim } },
              ],
            },
          },
        },
      },
    },
  };
}

const placed = ({ nodeSelector }: Pick<PodOptions, 'nodeSelector'>): Omit<V1PodSpec, 'containers'> => ({
  restartPolicy: 'Never',
  // Labs need nothing of the cluster, and what runs in them is to learn nothing of it.
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  // A drill that is told to end heals first.
  terminationGracePeriodSeconds: 60,
  ...(Object.keys(nodeSelector).length > 0 && { nodeSelector: { ...nodeSelector } }),
});

const same = (resources: Resources): V1ResourceRequirements => ({
  requests: { ...resources },
  limits: { ...resources },
});

const runId: V1EnvVar = {
  name: RUN_ID,
  valueFrom: { fieldRef: { fieldPath: `metadata.labels['${JOB_UID}']` } },
};

/** Of the Secret no more than these: where one lacks that has to be there, no pod begins. */
const bucketVariables = (bucket: Bucket & { secret: string }): V1EnvVar[] => [
  { name: BUCKET_VARIABLE, value: bucketUrl(bucket) },
  ...Object.entries(ACCESS).map(([name, need]) => ({
    name,
    valueFrom: {
      secretKeyRef: { name: bucket.secret, key: name, ...(need === 'optional' && { optional: true }) },
    },
  })),
];

/** The container that drills; its exit code is the drill's. */
const drillContainer = ({ image, resources, claim, bucket }: PodOptions): V1Container => ({
  name: DRILL,
  image,
  args: ['kubernetes', 'pod'],
  env: [runId, ...(bucket ? bucketVariables(bucket) : [])],
  resources: same(resources),
  securityContext: drilling,
  volumeMounts: [
    { name: 'parts', mountPath: PATHS.parts, readOnly: true },
    { name: 'files', mountPath: PATHS.files },
    resultsMount(claim),
  ],
});

/** Results of different runs and indexes are kept apart on a claim. */
const resultsMount = (claim: string | undefined): V1VolumeMount => ({
  name: 'results',
  mountPath: PATHS.results,
  ...(claim !== undefined && { subPathExpr: `$(${RUN_ID})/$(JOB_COMPLETION_INDEX)` }),
});

const resultsVolume = ({ claim }: Pick<PodOptions, 'claim'>): V1Volume => ({
  name: 'results',
  ...(claim === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: claim } }),
});

/**
 * The container that keeps the pod, and so its volume, until the results were fetched. It must not end well before that: the index would count as done.
 */
const resultsContainer = ({ image, holdSeconds, claim }: RunOptions): V1Container => ({
  name: RESULTS,
  image,
  command: ['sh', '-c', holding(holdSeconds, claim === undefined ? HOLD_EXIT.expired : 0)],
  env: [runId],
  resources: same({ cpu: '50m', memory: '64Mi' }),
  securityContext: waiting,
  volumeMounts: [{ ...resultsMount(claim), readOnly: true }],
});

/** Seconds after which a pod ends that never had results: its drill was killed, and nobody was there to see it. */
const MOST_SECONDS = 86_400;

/** A script that ends when it is told that the results were fetched, or some time after they are there. It looks seldom, so that it disturbs no drill. */
const holding = (seconds: number, expired: number): string =>
  [
    "trap 'exit 0' USR1",
    `trap 'exit ${HOLD_EXIT.stopped}' TERM`,
    'held=0 waited=0',
    `while [ $held -lt ${seconds} ]`,
    `do sleep ${LOOK_SECONDS} & wait $!`,
    `if [ -e ${PATHS.results}/${ARCHIVE} ]`,
    `then held=$((held + ${LOOK_SECONDS}))`,
    `else waited=$((waited + ${LOOK_SECONDS})); [ $waited -lt ${MOST_SECONDS} ] || exit ${HOLD_EXIT.stopped}`,
    'fi',
    'done',
    // In a bucket they stay as well.
    `[ ! -e ${PATHS.results}/${STORED} ] || exit 0`,
    `exit ${expired}`,
  ].join('\n');

const LOOK_SECONDS = 15;

/** Prints the size of an index's results and then these, and lets the pod go when it is told that they arrived. */
export const FETCH = [
  'sh',
  '-c',
  `wc -c <${PATHS.results}/${ARCHIVE} && cat ${PATHS.results}/${ARCHIVE} && read -r answer && kill -USR1 1`,
];

/** Lets a pod go that has nothing to be fetched. */
export const RELEASE = ['sh', '-c', 'kill -USR1 1'];

/** What has come along, and the folder that it is unpacked to. */
const volumesOf = (names: readonly string[]): V1Volume[] => [
  { name: 'parts', projected: { sources: names.map((name) => ({ configMap: { name } })) } },
  { name: 'files', emptyDir: {} },
];
