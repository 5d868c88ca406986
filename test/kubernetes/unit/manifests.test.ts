import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../src/cli/exit.js';
import {
  configMaps,
  cronJob,
  job,
  RESULT_CODES,
  type RunOptions,
} from '../../../src/kubernetes/manifests.js';
import { isRunName } from '../../../src/kubernetes/names.js';
import { cpuFor } from '../../../src/kubernetes/resources.js';
import { rights, role } from '../../../src/kubernetes/rights.js';

const RUN: RunOptions = {
  name: 'nightly',
  version: '1.2.3',
  image: 'faildrill/runner:1.2.3',
  indexes: 6,
  parallelism: 2,
  resources: { cpu: '2', memory: '1Gi' },
  nodeSelector: {},
  ttlSeconds: 600,
  holdSeconds: 300,
  parts: 2,
  suspend: true,
};

test('an Indexed Job with an index a shard, that keeps its results until they were fetched', () => {
  const { spec } = job(RUN);
  expect(spec).toMatchObject({
    ...{
      completionMode: 'Indexed',
      completions: 6,
      parallelism: 2,
      suspend: true,
      ttlSecondsAfterFinished: 600,
    },
    backoffLimitPerIndex: 2,
  });
  const { containers, volumes, restartPolicy, automountServiceAccountToken } = spec!.template.spec!;
  expect({ restartPolicy, automountServiceAccountToken }).toEqual({
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
  });
  expect(containers.map(({ name }) => name)).toEqual(['drill', 'results']);
  expect(
    containers.every(
      ({ resources }) => JSON.stringify(resources!.limits) === JSON.stringify(resources!.requests),
    ),
  ).toBe(true);
  const sources = volumes!.find(({ name }) => name === 'parts')!.projected!.sources!;
  expect(sources.map(({ configMap }) => configMap!.name)).toEqual([
    'nightly-order',
    'nightly-files-0',
    'nightly-files-1',
  ]);
});

test('not more pods at once than there are indexes', () => {
  expect(job({ ...RUN, parallelism: 50 }).spec!.parallelism).toBe(6);
});

test('each exit code of a drill is a result; a disruption comes before it, and all else is retried', () => {
  const [disruption, result, ...rest] = job(RUN).spec!.podFailurePolicy!.rules;
  expect(disruption).toMatchObject({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] });
  expect(result).toMatchObject({
    action: 'FailIndex',
    onExitCodes: { containerName: 'drill', values: [1, 2, 3, 4, 5] },
  });
  expect(rest.every(({ onExitCodes }) => onExitCodes!.containerName === 'results')).toBe(true);
  const { interrupted, ...results } = EXIT;
  expect(RESULT_CODES).toEqual(Object.values(results));
  expect(RESULT_CODES).not.toContain(interrupted);
});

test('on a claim, results of runs and indexes are kept apart, and stay', () => {
  const { containers, volumes } = job({ ...RUN, claim: 'drills' }).spec!.template.spec!;
  expect(volumes!.at(-1)).toEqual({ name: 'results', persistentVolumeClaim: { claimName: 'drills' } });
  expect(containers[0]!.volumeMounts!.at(-1)!.subPathExpr).toBe('$(FAILDRILL_RUN)/$(JOB_COMPLETION_INDEX)');
  expect(containers[1]!.command![2]).toMatch(/exit 0$/);
});

describe('a bucket', () => {
  const bucket = { name: 'drills', prefix: 'nightly', secret: 'store' };
  const { metadata, spec } = job({ ...RUN, bucket });
  const [drill, results] = spec!.template.spec!.containers;

  test('what drills is told where it is, and gets named variables of the Secret, of which no value is in the manifest', () => {
    expect(metadata!.annotations).toMatchObject({ 'faildrill/bucket': 's3://drills/nightly' });
    expect(drill!.env!.slice(1)).toEqual([
      { name: 'FAILDRILL_BUCKET', value: 's3://drills/nightly' },
      ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((key) => ({
        name: key,
        valueFrom: { secretKeyRef: { name: 'store', key } },
      })),
      ...['AWS_SESSION_TOKEN', 'AWS_REGION', 'AWS_ENDPOINT_URL'].map((key) => ({
        name: key,
        valueFrom: { secretKeyRef: { name: 'store', key, optional: true } },
      })),
    ]);
  });

  test('what holds results knows nothing of it', () => {
    expect(JSON.stringify(results)).not.toMatch(/store"|AWS_|s3:/);
  });

  test('without one, there is nothing of it', () => {
    expect(JSON.stringify(job(RUN))).not.toMatch(/AWS_|s3:|bucket/);
  });
});

test('the script that holds results is one, and ends as it is told', () => {
  const script = job({ ...RUN, holdSeconds: 1 }).spec!.template.spec!.containers[1]!.command![2]!;
  expect(() => execFileSync('sh', ['-n', '-c', script])).not.toThrow();
});

test('ConfigMaps hold a file each, and belong to the Job', () => {
  const files = new Map([
    ['order.json.gz', Buffer.from('order')],
    ['part-000', Buffer.from('one')],
  ]);
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', uid: '1' };
  const maps = configMaps('nightly', { files, owner });
  expect(
    maps.map(({ metadata, immutable }) => [metadata!.name, immutable, metadata!.ownerReferences]),
  ).toEqual([
    ['nightly-order', true, [owner]],
    ['nightly-files-0', true, [owner]],
  ]);
  expect(maps[1]!.binaryData).toEqual({ 'part-000': Buffer.from('one').toString('base64') });
});

test('a programme is started every day, one at a time, with its history on the claim', () => {
  const { spec } = cronJob({
    ...{
      name: 'faildrill-branch',
      version: '1.2.3',
      schedule: '0 2 * * *',
      files: 'faildrill-branch-0a',
      parts: 1,
    },
    ...{
      claim: 'history',
      history: '/faildrill/files/reports',
      image: RUN.image,
      nodeSelector: { drills: 'yes' },
    },
    resources: RUN.resources,
  });
  expect(spec).toMatchObject({ schedule: '0 2 * * *', timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' });
  const pod = spec!.jobTemplate.spec!.template.spec!;
  expect(pod.nodeSelector).toEqual({ drills: 'yes' });
  expect(pod.containers.map(({ name }) => name)).toEqual(['drill']);
  expect(pod.containers[0]!.volumeMounts!.at(-1)).toEqual({
    name: 'history',
    mountPath: '/faildrill/files/reports',
  });
  expect(pod.volumes!.at(-1)).toEqual({ name: 'history', persistentVolumeClaim: { claimName: 'history' } });
});

test.each([
  [[], '1'],
  [[undefined, 0.1], '1'],
  [[0.6, 0.2], '2'],
  [[1.2], '3'],
])('pods for drills that cost %j get %s processors', (costs, cpu) => {
  expect(cpuFor(costs)).toBe(cpu);
});

test.each([
  ['nightly', true],
  ['a', true],
  ['2026', false],
  ['Nightly', false],
  ['a-', false],
  ['a'.repeat(50), true],
  ['a'.repeat(51), false],
])('%s is the name of a run: %s', (name, is) => {
  expect(isRunName(name)).toBe(is);
});

test('the Role has a rule a resource, with the verbs of all commands, each once', () => {
  const { rules } = role(Object.keys(rights) as (keyof typeof rights)[]);
  const resources = rules.map(({ resources: [name] }) => name);
  expect(resources).toEqual([...new Set(resources)]);
  for (const { verbs } of rules) expect(verbs).toEqual([...new Set(verbs)]);
  expect(rules.find(({ resources: [name] }) => name === 'pods')!.verbs).toEqual(['watch']);
});
