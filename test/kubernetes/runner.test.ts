import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { version } from '../../src/cli/version.js';
import { packageFile } from '../../src/paths.js';
import { kubectl } from './cluster.js';

const INCONCLUSIVE = 2;

/** A pod whose container may do what a drill takes, as docs/kubernetes.md has it: what of it matters here. */
interface Pod {
  metadata: { name: string };
  spec: { containers: [{ image: string; args: string[] }] };
}

/** The pod of docs/kubernetes.md, below "Rights the pod needs". */
function documentedPod(): Pod {
  const text = readFileSync(packageFile('docs/kubernetes.md'), 'utf8');
  const rights = text.slice(text.indexOf('## Rights the pod needs'));
  const lines = rights.slice(rights.indexOf('    apiVersion: v1')).split('\n');
  const end = lines.findIndex((line) => line !== '' && !line.startsWith('    '));
  const pod = parse(lines.slice(0, end).join('\n')) as Pod;
  expect(pod.spec.containers[0].image).toBe(`faildrill/runner:${version}`);
  return pod;
}

/** A namespace that is gone after the test. */
function namespace(labels: Record<string, string> = {}): string {
  const name = `runner-${randomUUID().slice(0, 8)}`;
  const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  kubectl(['create', '-f', '-'], stringify(manifest));
  onTestFinished(() => void kubectl(['delete', 'namespace', name, '--wait=false']));
  return name;
}

/** What a pod came to. */
async function ended(pod: string, space: string): Promise<{ exitCode: number; log: string }> {
  const ask = (path: string) => kubectl(['get', 'pod', pod, '-n', space, '-o', `jsonpath=${path}`]);
  while (!['Succeeded', 'Failed'].includes(ask('{.status.phase}'))) await sleep(1000);
  const exitCode = ask('{.status.containerStatuses[0].state.terminated.exitCode}');
  return { exitCode: Number(exitCode), log: kubectl(['logs', pod, '-n', space]) };
}

test('the node is ready, and roles are enforced', () => {
  const ready = '{.items[*].status.conditions[?(@.type=="Ready")].status}';
  expect(kubectl(['get', 'nodes', '-o', `jsonpath=${ready}`])).toBe('True');
  expect(() => kubectl(['create', 'namespace', 'not-made', '--as', 'drills'])).toThrow(
    /User "drills" cannot create resource "namespaces"/,
  );
});

test.each(['dual-isp-wireguard/primary-isp-cut', 'three-router-frr/r1-r2-cut'])(
  '%s passes in a pod that may do what the documentation says and no more',
  async (drill) => {
    const space = namespace();
    const pod = documentedPod();
    pod.spec.containers[0].args = ['run', `scenarios/${drill}.drill.yml`];
    const { name } = pod.metadata;
    // A busy machine disturbs the instruments, which says nothing of the pod: then it is drilled again.
    let outcome = { exitCode: INCONCLUSIVE, log: '' };
    for (let attempt = 1; attempt <= 3 && outcome.exitCode === INCONCLUSIVE; attempt++) {
      pod.metadata.name = `${name}-${attempt}`;
      kubectl(['create', '-n', space, '-f', '-'], stringify(pod));
      outcome = await ended(pod.metadata.name, space);
    }
    expect(outcome).toMatchObject({ exitCode: 0, log: expect.stringContaining('PASS') });
  },
);

test('a namespace that enforces the restricted standard refuses that pod', () => {
  const space = namespace({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  expect(() => kubectl(['create', '-n', space, '-f', '-'], stringify(documentedPod()))).toThrow(
    /violates PodSecurity "restricted:latest"/,
  );
});
