import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusOf } from '../processes.js';
import { sum } from '../statistics.js';
import { DRILLS_USER, type Kube, kubectl, kubectlBeside } from './kube.js';

const FLOW = 'faildrill-bench';

/** Makes the API server count the requests of the user who follows runs by themselves. Their priority is the one that they would have without. */
const FLOW_SCHEMA = {
  ...{ apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata: { name: FLOW } },
  spec: {
    matchingPrecedence: 1000,
    priorityLevelConfiguration: { name: 'global-default' },
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: DRILLS_USER } }],
        resourceRules: [
          ...[{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
        ],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    ],
  },
};

/** Counts the requests of that user until it is disposed of. */
export function counting(): Disposable {
  kubectl(['apply', '-f', '-'], JSON.stringify(FLOW_SCHEMA));
  const remove = () => void kubectl(['delete', 'flowschema', FLOW, '--ignore-not-found']);
  process.once('exit', remove);
  return {
    [Symbol.dispose]() {
      process.off('exit', remove);
      remove();
    },
  };
}

/** What the API server has counted since it started. */
export interface Counts {
  /** Requests of the user who follows: all but commands in containers, watches among them, and these commands, which nobody else gives. */
  calls: number;
  commands: number;
  /** Requests of everybody. */
  all: number;
}

/** Asks the API server what it has counted. */
export function counts(): Counts {
  const samples = samplesOf(kubectl(['get', '--raw', '/metrics']));
  const total = (name: string, ...labels: string[]) =>
    sum(
      samples
        .filter((one) => one.name === name && labels.every((label) => one.labels.includes(label)))
        .map(({ value }) => value),
    );
  return {
    calls: total('apiserver_flowcontrol_dispatched_requests_total', `flow_schema="${FLOW}"`),
    commands: total('apiserver_request_total', 'resource="pods"', 'subresource="exec"'),
    all: total('apiserver_request_total'),
  };
}

/** Bytes of etcd's database: the file, and what of it is in use. */
export async function databaseBytes(): Promise<{ file: number; used: number }> {
  const samples = samplesOf(await (await fetch(`${ETCD}/metrics`)).text());
  const value = (name: string) => samples.find((one) => one.name === name)?.value ?? Number.NaN;
  return {
    file: value('etcd_mvcc_db_total_size_in_bytes'),
    used: value('etcd_mvcc_db_total_size_in_use_in_bytes'),
  };
}

/** As `test/kubernetes/cluster` starts it. */
const ETCD = 'http://127.0.0.1:23790';

/** Lines of the text format of Prometheus. */
const samplesOf = (text: string): { name: string; labels: string; value: number }[] =>
  [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    ...{ name, labels },
    value: Number(value),
  }));

/** Objects of a run in a namespace, by kind. */
export async function objectsIn(namespace: string): Promise<Record<string, number>> {
  const text = await kubectlBeside(['get', 'jobs,pods,configmaps,events', '-n', namespace, '-o', 'name']);
  const lines = text.split('\n');
  const kinds = lines.filter(Boolean).map((line) => line.slice(0, line.indexOf('/')).split('.')[0]!);
  return Object.fromEntries(
    [...new Set(kinds)].map((kind) => [kind, kinds.filter((one) => one === kind).length]),
  );
}

/** Programs of the control plane. */
const SERVICES = ['apiserver', 'etcd', 'controller-manager', 'scheduler'] as const;

/** Resident memory, megabytes. */
export const memoryOfServices = ({ state }: Kube): Record<(typeof SERVICES)[number], number> =>
  Object.fromEntries(
    SERVICES.map((name) => {
      const [pid] = readFileSync(join(state, `run/${name}.pid`), 'utf8').split(' ');
      return [name, statusOf(Number(pid), 'VmRSS') ?? Number.NaN];
    }),
  ) as Record<(typeof SERVICES)[number], number>;
