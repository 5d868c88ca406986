import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import { namespaceRuntime } from '../../src/runtime/namespace/index.js';
import type { Lab, Runtime } from '../../src/runtime/runtime.js';
import { loadTopology } from '../../src/topology/load.js';

/** Writes a topology and its files into a folder; returns the topology's path. */
export function writeTopology(folder: string, topology: string, files: Record<string, string> = {}): string {
  for (const [path, content] of Object.entries({ 'lab.clab.yml': topology, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return join(folder, 'lab.clab.yml');
}

/** Deploys a topology. */
export function deploy(options: {
  folder: string;
  topology: string;
  files?: Record<string, string>;
  runtime?: Runtime;
}): Promise<Lab> {
  const { folder, topology, files, runtime = namespaceRuntime } = options;
  return runtime.deploy({
    topology: loadTopology(writeTopology(folder, topology, files)),
    clock: new Clock(),
  });
}

/** Deploys a topology for all tests of a file, under a name that no other process uses. */
export function labForAll(
  topology: string,
  clock: Clock,
  ready: (lab: Lab) => void,
  files: Record<string, string> = {},
): void {
  const folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
  const own = topology.replace(/^name: .*/, `$&-${process.pid}`);
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await namespaceRuntime.deploy({
      topology: loadTopology(writeTopology(folder, own, files)),
      clock,
    });
    ready(lab);
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
}

/** Runs a command line in a node; throws where it fails; returns what it printed. */
export async function sh(lab: Lab, node: string, line: string): Promise<string> {
  const { code, stdout, stderr } = await lab.nodes
    .get(node)!
    .run({ argv: ['/bin/sh', '-c', line], timeout: 20e9 });
  if (code !== 0) throw new Error(`${node}: "${line}" failed (${code}): ${stderr}${stdout}`);
  return stdout.trim();
}

/** Whether one node reaches another. */
export const reaches = async (lab: Lab, node: string, address: string): Promise<boolean> =>
  (
    await lab.nodes.get(node)!.run({ argv: ['ping', '-n', '-q', '-c', '3', '-i', '0.2', '-W', '1', address] })
  ).stdout.includes(' 0% packet loss');
