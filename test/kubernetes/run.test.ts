import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { compiled } from '../../src/paths.js';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { cluster, kubectl } from './cluster.js';
import {
  ADMIN,
  isClean,
  left,
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

/** Makes a claim on a folder of the node, which it returns. */
function claim(name: string, where: string): string {
  const store = temporaryFolder();
  const spec = { accessModes: ['ReadWriteMany'], storageClassName: '' };
  const size = { storage: '1Gi' };
  const volume = `${where}-${name}`;
  const items = [
    {
      ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: volume } },
      spec: { ...spec, capacity: size, hostPath: { path: store } },
    },
    {
      ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: where } },
      spec: { ...spec, resources: { requests: size }, volumeName: volume },
    },
  ];
  kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  onTestFinished(() => void kubectl(['delete', 'pv', volume, '--wait=false']));
  return store;
}

const podsOf = (where: string, selector: string): string[] =>
  kubectl(['get', 'pods', '-n', where, '-l', selector, '-o', 'name', '--field-selector=status.phase=Running'])
    .split('\n')
    .filter(Boolean);

describe('a pack of drills', () => {
  let where: string;
  beforeAll(async () => {
    where = namespace();
    await permit(where);
  });

  test('six, two at a time, one pod killed in the middle: what a local run comes to, every scenario once', {
    timeout: 600_000,
  }, async () => {
    const folder = pack('a', 'b', 'c', 'd-long', 'e', 'f');
    const argv = ['run', 'drills', '--name', 'six', '-n', where, '--out', 'out', ...SMALL];
    const child = start(folder, argv);
    await said(child, /drilling/);
    const [victim] = podsOf(where, 'faildrill/run=six');
    kubectl(['delete', '-n', where, victim!, '--grace-period=0', '--force']);
    const { exitCode, stderr, stdout } = await child;
    expect(stderr).toMatch(/drilling on \S+, pod 2/);
    const local = await execa(
      process.execPath,
      [compiled('cli/main'), 'run', 'drills', '--shard', '1/1', '--out', 'local'],
      {
        ...{ cwd: folder, reject: false, env: { FAILDRILL_RUN: '' } },
      },
    );
    await execa(process.execPath, [compiled('cli/main'), 'merge', 'local', '--out', 'local/merged'], {
      cwd: folder,
      reject: false,
    });
    const [there, here] = [mergedIn(join(folder, 'out')), mergedIn(join(folder, 'local'))];
    expect(verdicts(there)).toEqual(verdicts(here));
    expect(there.drills.map(({ file }) => file).sort()).toEqual(here.drills.map(({ file }) => file).sort());
    expect({ exitCode, verdict: there.verdict }).toEqual({ exitCode: 1, verdict: 'fail' });
    expect(local.exitCode).toBe(1);
    expect(stdout).toContain('✗ d-long');
    for (const { file } of there.drills) expect(file).toMatch(/^drills\/[a-f](-long)?\.drill\.yml$/);
    await isClean(where);
  });

  test('a command that is killed: attach takes the run up, and fetches what is not there', async () => {
    const folder = pack('a', 'b', 'c');
    const argv = ['run', 'drills', '--name', 'killed', '-n', where, '--out', 'out', ...SMALL];
    const child = start(folder, argv);
    await said(child, /passed|failed|inconclusive/);
    child.kill('SIGKILL');
    await child;
    const shards = join(folder, 'out/shards');
    const before = readdirSync(shards).filter((name) => /^\d+$/.test(name));
    expect(before.length).toBeGreaterThan(0);
    mkdirSync(join(shards, '.fetching-2'), { recursive: true });
    const { exitCode, stderr } = await start(folder, ['attach', 'killed', '-n', where, '--out', 'out']);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(readdirSync(shards).sort()).toEqual(['0', '1', '2']);
    expect(verdicts(mergedIn(join(folder, 'out')))).toEqual(['a pass false', 'b pass false', 'c pass false']);
    await isClean(where);
  });

  test('Ctrl-C leaves the run alone, and says how to take it up and how to end it', async () => {
    const folder = pack('a');
    const child = start(folder, ['run', 'drills', '--name', 'left', '-n', where, '--out', 'out', ...SMALL]);
    await said(child, /drilling/);
    child.kill('SIGINT');
    const { exitCode, stderr } = await child;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('faildrill kubernetes attach left');
    expect(kubectl(['get', 'job', 'left', '-n', where, '-o', 'name'])).toBe('job.batch/left');
    const again = await start(folder, [
      'run',
      'drills',
      '--name',
      'left',
      '-n',
      where,
      '--out',
      'other',
      ...SMALL,
    ]);
    expect(again).toMatchObject({ exitCode: 4 });
    expect(again.stderr).toContain('there is a run left');
    writeFileSync(
      join(folder, 'out/run.json'),
      readFileSync(join(folder, 'out/run.json'), 'utf8').replace(
        /"faildrill": ".*?"/,
        '"faildrill": "0.0.9"',
      ),
    );
    const other = await start(folder, ['attach', 'left', '-n', where, '--out', 'out']);
    expect(other).toMatchObject({ exitCode: 3 });
    expect(other.stderr).toMatch(/run\.json:2:\d+: these are results of faildrill 0\.0\.9/);
    expect(await start(folder, ['delete', 'left', '-n', where])).toMatchObject({ exitCode: 0 });
    await isClean(where);
    const gone = await start(folder, ['attach', 'left', '-n', where, '--out', 'out']);
    expect(gone).toMatchObject({ exitCode: 4 });
    expect(gone.stderr).toContain('there is no run left');
  });

  test('a pod that is evicted, as when its node is drained, is begun again', async () => {
    const folder = pack('a');
    const child = start(folder, [
      'run',
      'drills',
      '--name',
      'drained',
      '-n',
      where,
      '--out',
      'out',
      ...SMALL,
    ]);
    await said(child, /drilling/);
    const [victim] = podsOf(where, 'faildrill/run=drained').map((name) => name.replace('pod/', ''));
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: victim, namespace: where },
    };
    kubectl(
      ['create', '--raw', `/api/v1/namespaces/${where}/pods/${victim}/eviction`, '-f', '-'],
      JSON.stringify(eviction),
    );
    const { exitCode, stderr } = await child;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toMatch(/drilling on \S+, pod 2/);
    await isClean(where);
  });
});

test('an API server that is restarted: the run is taken up again, and nothing is lost', async () => {
  const where = namespace();
  const folder = pack('a', 'b');
  const argv = ['run', 'drills', '--name', 'restarted', '-n', where, '--out', 'out', ...SMALL];
  const child = start(folder, argv, { kubeconfig: ADMIN });
  await said(child, /drilling/);
  cluster(['restart', 'apiserver']);
  const { exitCode, stderr } = await child;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(verdicts(mergedIn(join(folder, 'out')))).toEqual(['a pass false', 'b pass false']);
  await isClean(where);
});

test('results on a claim stay there, a folder a run and index', async () => {
  const where = namespace();
  const folder = pack('a');
  const store = claim('results', where);
  const argv = [
    'run',
    'drills',
    '--name',
    'kept',
    '--results',
    'pvc:results',
    '-n',
    where,
    '--out',
    'out',
    ...SMALL,
  ];
  const { exitCode, stderr } = await start(folder, argv, { kubeconfig: ADMIN });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(readdirSync(join(store, uidOf(join(folder, 'out')), '0')).sort()).toEqual(['out', 'result.tar.gz']);
  await isClean(where);
});

test('a programme becomes a CronJob, whose pod runs what is due', async () => {
  const where = namespace();
  const folder = pack('a');
  const programme = {
    ...{
      name: 'exercises',
      title: 'Exercises',
      objective: 'To show it',
      scope: 'A lab',
      starts: '2026-01-01',
    },
    participants: { ada: { name: 'Ada', role: 'network' } },
    drills: [{ scenario: 'drills/a.drill.yml', frequency: 'weekly', owner: 'ada' }],
  };
  writeFileSync(join(folder, 'programme.yml'), JSON.stringify(programme));
  const store = claim('history', where);
  const argv = ['schedule', '--results', 'pvc:history', '-n', where, '--cpu', '700m'];
  for (let time = 1; time <= 2; time++)
    expect(await start(folder, argv, { kubeconfig: ADMIN })).toMatchObject({ exitCode: 0 });
  kubectl(['create', 'job', 'now', '--from=cronjob/faildrill-exercises', '-n', where]);
  kubectl(['wait', '--for=condition=Complete', 'job/now', '-n', where, '--timeout=120s']);
  expect(readdirSync(store).filter((one) => one.startsWith('a-'))).toHaveLength(1);
  expect(readdirSync(store)).toContain('programme-exercises');
  kubectl(['delete', 'cronjob', 'faildrill-exercises', '-n', where]);
  await isClean(where);
});

describe('what cannot be', () => {
  test.each([
    ['no kubeconfig', { KUBECONFIG: '', HOME: '/nonexistent' }, /there is no kubeconfig/],
    [
      'one that is not there',
      { KUBECONFIG: '/nonexistent/config' },
      /there is no kubeconfig \/nonexistent\/config/,
    ],
  ])('%s', async (_, env, message) => {
    const { exitCode, stderr } = await start(pack('a'), ['run', 'drills'], { env });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(message);
  });

  test('an API server that does not answer', async () => {
    const folder = pack('a');
    const file = join(folder, 'config');
    writeFileSync(file, readFileSync(ADMIN, 'utf8').replace(/https:[^ ",}]+/, 'https://127.0.0.1:1'));
    const { exitCode, stderr } = await start(folder, ['run', 'drills'], { kubeconfig: file });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/https:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/);
  });

  test('no rights: they are named, and nothing is made', async () => {
    const where = namespace();
    const { exitCode, stderr } = await start(pack('a'), ['run', 'drills', '-n', where]);
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(
      /this user may not get, watch, delete, create, patch jobs; nor get, create configmaps; nor watch pods/,
    );
    expect(left(where)).toBe('');
  });

  test('more files than a run may have', async () => {
    const folder = pack('a');
    writeFileSync(join(folder, 'large'), randomBytes(17 * 1024 * 1024));
    writeFileSync(join(folder, 'pair.clab.yml'), PAIR.replace('a: ,', 'a: { binds: ["large:/large"] },'));
    const { exitCode, stderr } = await start(folder, ['run', 'drills']);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /large:1:1: scenarios and labs come to 17\.0 MiB packed, and a run takes at most 16\.0 MiB/,
    );
  });

  test('a folder that has something in it', async () => {
    const folder = pack('a');
    const { exitCode, stderr } = await start(folder, ['run', 'drills', '--out', 'drills']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('there is something in this folder already');
  });

  const NEVER: [string, string[], string[], RegExp][] = [
    [
      'a namespace that enforces the restricted pod standard',
      ['pod-security.kubernetes.io/enforce=restricted'],
      [],
      /given up: .*violates PodSecurity "restricted/,
    ],
    [
      'an image that is not there',
      [],
      ['--image', 'localhost:1/none:1'],
      /given up: .*(ErrImagePull|ImagePullBackOff)/,
    ],
    ['more processors than there are', [], ['--cpu', '64'], /given up: .*Insufficient cpu/],
  ];
  test.each(NEVER)('%s', async (_, labels, argv, message) => {
    const where = namespace(...labels);
    const folder = pack('a', 'b');
    const options = ['-n', where, '--start-timeout', '15s', '--out', 'out', ...SMALL];
    const { exitCode, stderr } = await start(folder, ['run', 'drills', ...options, ...argv], {
      kubeconfig: ADMIN,
    });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 4 });
    expect(stderr).toMatch(message);
    expect(
      mergedIn(join(folder, 'out')).drills.map(({ reason }) => reason.startsWith('it could not be run')),
    ).toEqual([true, true]);
    await isClean(where);
  });

  test('a quota that leaves no room', async () => {
    const where = namespace();
    kubectl(['create', 'quota', 'none', '--hard=pods=0', '-n', where]);
    const options = ['-n', where, '--start-timeout', '10s', '--out', 'out', ...SMALL];
    const { exitCode, stderr } = await start(pack('a'), ['run', 'drills', ...options], { kubeconfig: ADMIN });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/given up: .*exceeded quota: none/);
    await isClean(where);
  });
});

test('what is printed is taken by the API server as it is', async () => {
  const folder = pack('a', 'b');
  const { stdout, exitCode } = await start(folder, [
    'run',
    'drills',
    '--print',
    '--name',
    'printed',
    '--ttl',
    '1h',
  ]);
  expect(exitCode).toBe(0);
  const answer = kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], stdout as string);
  expect(answer.split('\n')).toEqual([
    'configmap/printed-order created (server dry run)',
    'configmap/printed-files-0 created (server dry run)',
    'job.batch/printed created (server dry run)',
  ]);
  expect(existsSync(join(folder, 'reports'))).toBe(false);
});
