import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import { temporaryFolder } from '../fixtures/scenario.js';
import { cluster, kubectl } from './cluster.js';

/** The one user that the servers know. */
export const KEYS = { AWS_ACCESS_KEY_ID: 'drills', AWS_SECRET_ACCESS_KEY: 'a-secret-that-is-nowhere-else' };

const ENV = {
  ROOT_ACCESS_KEY_ID: KEYS.AWS_ACCESS_KEY_ID,
  ROOT_SECRET_ACCESS_KEY: KEYS.AWS_SECRET_ACCESS_KEY,
};

/** Its buckets are the folders of one, and objects are files without anything beside them. */
const argvFor = (address: string, folder: string) => ['--port', address, 'posix', '--nometa', folder];

/**
 * Starts an S3 server in a pod, with a bucket `drills`.
 * @returns how other pods reach it, and the folder of the node that has its buckets
 */
export function serverInPod(where: string): { endpoint: string; folder: string } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'drills'));
  const container = {
    ...{ name: 's3', image: 'faildrill/s3:local', args: argvFor(':7070', '/buckets') },
    env: Object.entries(ENV).map(([name, value]) => ({ name, value })),
    volumeMounts: [{ name: 'buckets', mountPath: '/buckets' }],
  };
  const volumes = [{ name: 'buckets', hostPath: { path: folder } }];
  const metadata = { name: 's3' };
  const spec = { containers: [container], volumes, terminationGracePeriodSeconds: 1 };
  kubectl(
    ['create', '-n', where, '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }),
  );
  kubectl(['wait', '--for=condition=Ready', 'pod/s3', '-n', where, '--timeout=60s']);
  const address = kubectl(['get', 'pod', 's3', '-n', where, '-o', 'jsonpath={.status.podIP}']);
  return { endpoint: `http://${address}:7070`, folder };
}

/** Starts one on this machine, which pods do not reach, with the same buckets. Returns its address. */
export async function serverHere(folder: string): Promise<string> {
  const program = cluster(['s3']).split('\n').at(-1)!;
  const address = `127.0.0.1:${await freePort()}`;
  const server = execa(program, argvFor(address, folder), { env: ENV, reject: false });
  onTestFinished(async () => {
    server.kill();
    await server;
  });
  const endpoint = `http://${address}`;
  await expect
    .poll(
      () =>
        fetch(endpoint).then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  return endpoint;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
