import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Kube, kubeconfigs, kubectl } from './kube.js';
import type { Programs } from './programs.js';

/** Label of the nodes that are kwok's. */
export const NODE_LABEL = { name: 'faildrill-bench', value: 'control' } as const;

const SELECTOR = `${NODE_LABEL.name}=${NODE_LABEL.value}`;

/** Ports: of what answers in place of kubelets, and of kwok's own server, which nobody asks. */
const PORTS = { kubelet: 10_350, kwok: 10_351 } as const;

const STAGES = fileURLToPath(new URL('../../../bench/control/stages.yml', import.meta.url));

/** What the nodes are and do. */
interface NodesOptions {
  programs: Programs;
  /** How many there are. */
  nodes: number;
  /** Folder of the archives that their pods leave: `7.tar.gz` for index 7. */
  archives: string;
  /** Seconds that a drill takes; each takes something between the two. */
  drill: readonly [least: number, most: number];
  /** Folder for files of their own. */
  folder: string;
}

/** Nodes that only kwok knows, for pods of runs; they are gone when disposed of. */
export async function fakeNodes(kube: Kube, options: NodesOptions): Promise<AsyncDisposable> {
  const { programs, nodes, archives, folder } = options;
  const { admin } = kubeconfigs(kube);
  const stages = join(folder, 'stages.yml');
  writeFileSync(stages, stagesFor(options));
  const children = [
    started(programs.kubelet, [
      ...['--listen', `127.0.0.1:${PORTS.kubelet}`, '--kubeconfig', admin, '--archives', archives],
      ...['--certificate', join(kube.state, 'pki/server.crt'), '--key', join(kube.state, 'pki/server.key')],
    ]),
    started(programs.kwok, [
      ...['--kubeconfig', admin, '--config', stages, '--manage-nodes-with-label-selector', SELECTOR],
      ...['--node-name', '127.0.0.1', '--node-ip', '127.0.0.1', '--node-port', String(PORTS.kubelet)],
      ...['--server-address', `127.0.0.1:${PORTS.kwok}`],
      // Without leases they say that they live as nodes did before there were any: by their status, every 20 to 25 s.
      ...['--node-lease-duration-seconds', '0'],
    ]),
  ];
  const remove = () => {
    kubectl(['delete', 'nodes', '-l', SELECTOR, '--wait=false']);
    for (const child of children) child.kill();
  };
  process.once('exit', remove);
  for (const port of Object.values(PORTS)) await listening(port);
  const items = Array.from({ length: nodes }, (_, number) => nodeCalled(`faildrill-bench-${number}`));
  kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  kubectl(['wait', 'nodes', '-l', SELECTOR, '--for=condition=Ready', '--timeout=120s']);
  return {
    async [Symbol.asyncDispose]() {
      process.off('exit', remove);
      remove();
      await Promise.all(children.map((child) => child.exitCode === null && once(child, 'exit')));
    },
  };
}

const stagesFor = ({ drill: [least, most] }: NodesOptions): string =>
  readFileSync(STAGES, 'utf8')
    .replace('DRILL_MS', String(least * 1000))
    .replace('DRILL_MOST_MS', String(most * 1000));

/** A node as an ordinary machine would be one. */
const nodeCalled = (name: string) => {
  const resources = { cpu: '8', memory: '32Gi', pods: '110' };
  return {
    ...{ apiVersion: 'v1', kind: 'Node' },
    metadata: { name, labels: { [NODE_LABEL.name]: NODE_LABEL.value, 'kubernetes.io/hostname': name } },
    status: { allocatable: resources, capacity: resources },
  };
};

const started = (program: string, argv: readonly string[]): ChildProcess =>
  spawn(program, argv, { stdio: 'ignore' });

/** Waits until somebody listens on a port of this machine. */
async function listening(port: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(200);
    } finally {
      socket.destroy();
    }
  }
}
