import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unpacked } from '../../src/kubernetes/bundle.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { KEYS, serverHere, serverInPod } from './bucket-server.js';
import { kubectl } from './cluster.js';
import {
  ADMIN,
  isClean,
  mergedIn,
  namespace,
  pack,
  permit,
  SMALL,
  said,
  start,
  uidOf,
  verdicts,
} from './commands.js';

/** Makes the Secret `store`. */
function secret(where: string, values: Record<string, string>): void {
  const literals = Object.entries(values).map(([name, value]) => `--from-literal=${name}=${value}`);
  kubectl(['create', 'secret', 'generic', 'store', '-n', where, ...literals]);
}

const argvOf = (name: string, where: string) => [
  ...['run', 'drills', '--name', name, '-n', where, '--out', 'out', ...SMALL],
  ...['--results', 's3://drills/nightly/eu', '--s3-secret', 'store'],
];

/** All files of a folder, with what is in them. */
const filesOf = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  );

/** What jobs and pods are told, as the API server has it. */
const manifestsIn = (where: string): string =>
  kubectl(['get', 'jobs,pods,configmaps', '-n', where, '-l', 'faildrill/run', '-o', 'yaml']);

test('the archive in the bucket is what was fetched, byte for byte, and no key is in either', async () => {
  const where = namespace();
  // This user may read no Secret.
  await permit(where);
  const { endpoint, folder: buckets } = serverInPod(where);
  secret(where, { ...KEYS, AWS_ENDPOINT_URL: endpoint });
  const folder = pack('a', 'b-long');
  const child = start(folder, argvOf('kept', where));
  await said(child, /drilling/);
  expect(manifestsIn(where)).not.toContain(KEYS.AWS_SECRET_ACCESS_KEY);
  const { exitCode, stderr } = await child;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
  expect(stderr).not.toContain('warning');
  const out = join(folder, 'out');
  expect(verdicts(mergedIn(out))).toEqual(['a pass false', 'b-long fail false']);
  for (const index of ['0', '1']) {
    const archive = join(buckets, 'drills/nightly/eu', uidOf(out), index, 'result.tar.gz');
    const kept = join(temporaryFolder(), 'kept');
    await unpacked(readFileSync(archive), kept);
    const files = filesOf(kept);
    expect([...files.keys()]).toContain('log.txt');
    expect(files).toEqual(filesOf(join(out, 'shards', index)));
    expect([...files.values()].join('')).not.toContain(KEYS.AWS_SECRET_ACCESS_KEY);
  }
  await isClean(where);
});

type Wrong = [string, (endpoint: string) => Record<string, string>, RegExp];
const WRONG: Wrong[] = [
  [
    'a wrong key',
    (endpoint) => ({ ...KEYS, AWS_SECRET_ACCESS_KEY: 'another', AWS_ENDPOINT_URL: endpoint }),
    /the results are not in s3:\/\/drills\/nightly\/eu: http:\S+ refuses: SignatureDoesNotMatch: .* \(403\)/,
  ],
  [
    'a store that is not reachable',
    () => ({ ...KEYS, AWS_ENDPOINT_URL: 'http://10.244.0.254:7070' }),
    /the results are not in s3:\/\/drills\/nightly\/eu: http:\/\/10\.244\.0\.254:7070 does not answer: /,
  ],
];
test.each(WRONG)('%s is said, and changes nothing of the results', async (_, values, word) => {
  const where = namespace();
  const { endpoint, folder: buckets } = serverInPod(where);
  secret(where, values(endpoint));
  const folder = pack('a', 'b-long');
  const { exitCode, stderr } = await start(folder, argvOf('unkept', where), { kubeconfig: ADMIN });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
  // Once for both.
  expect(String(stderr).split('warning the results are not in')).toHaveLength(2);
  expect(stderr).toMatch(word);
  const out = join(folder, 'out');
  expect(verdicts(mergedIn(out))).toEqual(['a pass false', 'b-long fail false']);
  for (const index of ['0', '1']) {
    expect(readFileSync(join(out, 'shards', index, 'log.txt'), 'utf8')).toMatch(word);
    expect(readFileSync(join(out, 'shards', index, 'not-stored.txt'), 'utf8')).toMatch(word);
  }
  expect(readdirSync(join(buckets, 'drills'))).toEqual([]);
  await isClean(where);
});

test('what nobody fetched in time, attach brings from the bucket', async () => {
  const where = namespace();
  const { endpoint, folder: buckets } = serverInPod(where);
  secret(where, { ...KEYS, AWS_ENDPOINT_URL: endpoint });
  const folder = pack('a');
  const child = start(folder, [...argvOf('late', where), '--hold', '15s'], { kubeconfig: ADMIN });
  await said(child, /drilling/);
  child.kill('SIGKILL');
  await child;
  kubectl(['wait', '--for=condition=Complete', 'job/late', '-n', where, '--timeout=120s']);
  const env = { ...KEYS, AWS_ENDPOINT_URL: await serverHere(buckets) };
  const attach = ['attach', 'late', '-n', where, '--out', 'out'];
  const { exitCode, stderr } = await start(folder, attach, { kubeconfig: ADMIN, env });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const out = join(folder, 'out');
  expect(stderr).toContain(`fetched s3://drills/nightly/eu/${uidOf(out)}/0/result.tar.gz`);
  expect(verdicts(mergedIn(out))).toEqual(['a pass false']);
  await isClean(where);
});

test.each([
  ['no Secret', undefined, /given up: .*secret "store" not found/],
  [
    'a Secret without a key',
    { AWS_ACCESS_KEY_ID: 'drills' },
    /given up: .*couldn't find key AWS_SECRET_ACCESS_KEY in Secret/,
  ],
])('%s: given up before anything is drilled', async (_, values, message) => {
  const where = namespace();
  if (values) secret(where, values);
  const folder = pack('a');
  const { exitCode, stderr } = await start(folder, argvOf('none', where), { kubeconfig: ADMIN });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 4 });
  expect(stderr).toMatch(message);
  expect(existsSync(join(folder, 'out/shards/0/log.txt'))).toBe(false);
  await isClean(where);
});
