import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { stringify } from 'yaml';
import { Costs } from '../jobs/costs.js';
import { type Bucket, readBucket } from '../kubernetes/bucket.js';
import { openCluster } from '../kubernetes/client.js';
import { type Cluster, ClusterError } from '../kubernetes/cluster.js';
import { configMaps, job } from '../kubernetes/manifests.js';
import { BUCKET_ANNOTATION, RUN, VERSION } from '../kubernetes/names.js';
import { checkEmpty, checkNote, writeNote } from '../kubernetes/note.js';
import { ORDER, type Order, readOrder } from '../kubernetes/order.js';
import { luggage } from '../kubernetes/prepare.js';
import { cpuFor } from '../kubernetes/resources.js';
import { accountForRest, shardsFolder, whyNotStored } from '../kubernetes/results.js';
import { checkRights } from '../kubernetes/rights.js';
import { followRun, startRun } from '../kubernetes/run.js';
import { fetchStored } from '../kubernetes/stored.js';
import { travelling } from '../kubernetes/travel.js';
import { folderStamp } from '../recording/stamp.js';
import { printable } from '../report/printable.js';
import { CannotRun } from '../runtime/errors.js';
import { runtimeFor, runtimes } from '../runtime/registry.js';
import type { LoadedScenario } from '../scenario/load.js';
import { asksPeople } from '../scenario/operators.js';
import { durationsText, rounded } from '../shards/durations.js';
import { planFile, planOf } from '../shards/plan.js';
import { EXIT } from './exit.js';
import {
  type AccessOptions,
  addAccess,
  addPods,
  count,
  type Keeping,
  keeping,
  type PodOptions,
  runName,
  seconds,
  secretName,
} from './kubernetes-options.js';
import { RunProgress } from './kubernetes-progress.js';
import { mergeFolders } from './merge.js';
import { stopOnSignals } from './one-by-one.js';
import { judgedIn, STORE } from './recordings.js';
import { addSelection, type SelectionOptions, selected, selectionArgv } from './selection.js';
import { durationsAt } from './shard.js';
import { version } from './version.js';

interface FollowOptions extends AccessOptions {
  out?: string;
  /** Seconds. */
  startTimeout: number;
}

interface RunOptions extends FollowOptions, PodOptions, SelectionOptions {
  operators?: 'skip';
  name?: string;
  shards?: number;
  parallelism: number;
  durations?: string;
  /** Seconds. */
  ttl: number;
  hold: number;
  results?: Keeping;
  /** Name of a Secret. */
  s3Secret?: string;
  print?: boolean;
}

/** `faildrill kubernetes run`: an index a drill, or a shard of them. */
export function addKubernetesRun(kubernetes: Command): void {
  const run = addSelection(kubernetes.command('run'))
    .addOption(
      new Option('--operators <what>', 'where a scenario asks people: there are none in a pod').choices([
        'skip',
      ]),
    )
    .option('--name <name>', 'name of the run, instead of one with the time', runName)
    .option('--shards <n>', 'split the drills over so many pods, instead of one pod a drill', count)
    .option('--parallelism <n>', 'so many pods at once, at most', count, 10)
    .option(
      '--durations <path>',
      'balance shards, and begin with the longest drills, by what drills took: a history, or the durations.json of a merge',
    )
    .option(
      '--ttl <duration>',
      'how long an ended run that nobody took away stays in the cluster',
      seconds,
      86_400,
    )
    .option('--hold <duration>', 'how long a pod keeps its results for whoever fetches them', seconds, 7200)
    .option(
      '--results <where>',
      'keep the results on a persistent volume claim as well, or in an S3-compatible store: pvc:<claim>, or s3://<bucket>/<prefix>',
      keeping,
    )
    .option(
      '--s3-secret <name>',
      'Secret that says how the store is reached: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, and as needed AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL',
      secretName,
    )
    .option('--print', 'print the manifests, and do nothing')
    .description('make an Indexed Job of drills, follow it, and bring its results together');
  addFollowing(addPods(addAccess(run))).action(async (paths: string[], options: RunOptions) => {
    const { results: { claim, bucket } = {}, s3Secret: secret } = options;
    if ((bucket === undefined) !== (secret === undefined))
      run.error('error: --results s3://<bucket>/<prefix> and --s3-secret go together');
    const scenarios = scenariosOf(paths, options);
    const name = options.name ?? `drills-${folderStamp(new Date().toISOString())}`;
    const folder = options.out ?? join(STORE, name);
    const { order, files } = await packedRun(scenarios, options);
    const manifest = (suspend: boolean) =>
      job({
        ...{ name, version, suspend, parts: files.size - 1, indexes: order.shards! },
        ...{ image: options.image, nodeSelector: options.nodeSelector, parallelism: options.parallelism },
        resources: { cpu: options.cpu ?? cpuOf(scenarios), memory: options.memory },
        ...{ ttlSeconds: options.ttl, holdSeconds: options.hold },
        ...{ claim, bucket: bucket && { ...bucket, secret: secret! } },
      });
    if (options.print) {
      const documents = [...configMaps(name, { files }), manifest(false)];
      process.stdout.write(documents.map((one) => `---\n${stringify(one)}`).join(''));
      return;
    }
    checkEmpty(folder);
    const cluster = await openCluster(options);
    await checkRights(cluster, 'run');
    const maps = (owner: Parameters<typeof configMaps>[1]['owner'] & object) =>
      configMaps(name, { files, owner });
    const uid = await startRun(cluster, { job: manifest(true), maps });
    writeNote(folder, { faildrill: version, name, namespace: cluster.namespace, uid });
    console.error(`run ${pc.bold(name)} in the namespace ${cluster.namespace}: ${order.shards} pods to go`);
    process.exitCode = await followed(cluster, { name, uid, folder, order, bucket }, options);
  });
}

/** `faildrill kubernetes attach`: takes up a run whose command was stopped. */
export function addAttach(kubernetes: Command): void {
  const attach = kubernetes
    .command('attach')
    .argument('<run>', 'name of a run')
    .description('follow a run whose command was stopped, and bring its results together');
  addFollowing(addAccess(attach)).action(async (name: string, options: FollowOptions) => {
    const cluster = await openCluster(options);
    await checkRights(cluster, 'attach');
    const { metadata, spec } = await cluster.readJob(name).catch(whereNoRun(cluster, name));
    const { uid = '', annotations = {}, labels = {} } = metadata ?? {};
    if (labels[RUN] !== name) throw new CannotRun(`the Job ${name} is not a run of faildrill`);
    if (spec?.suspend) {
      await cluster.deleteJob(name);
      throw new CannotRun(`the run ${name} was never started: its command ended while it was made`, {
        hint: 'it is being deleted: run it again',
      });
    }
    if (annotations[VERSION] !== version)
      throw new CannotRun(
        `the run ${name} is one of faildrill ${annotations[VERSION]}, and this is ${version}`,
        {
          hint: 'attach with the version that began it',
        },
      );
    const { binaryData } = await cluster.readConfigMap(`${name}-order`);
    const order = readOrder(Buffer.from(binaryData?.[ORDER] ?? '', 'base64'), { faildrill: version });
    if (typeof order === 'string')
      throw new CannotRun(`the order of the run ${name} cannot be read: ${order}`);
    const folder = options.out ?? join(STORE, name);
    checkNote(folder, { faildrill: version, name, namespace: cluster.namespace, uid });
    const bucket = readBucket(annotations[BUCKET_ANNOTATION] ?? '');
    process.exitCode = await followed(cluster, { name, uid, folder, order, bucket }, options);
  });
}

const addFollowing = (command: Command): Command =>
  command
    .option('--out <folder>', 'folder for the results, instead of reports/<run>')
    .option(
      '--start-timeout <duration>',
      'give up what waits when nothing has drilled for so long',
      seconds,
      300,
    );

/** The error for a run that is not there. */
export const whereNoRun = (cluster: Cluster, name: string) => (error: unknown) => {
  if (!(error instanceof ClusterError) || error.status !== 404) throw error;
  throw new CannotRun(`there is no run ${name} in the namespace ${cluster.namespace}`, { cause: error });
};

/** Reads the scenarios, and makes sure that a pod can run them. @throws InvalidInput CannotRun */
function scenariosOf(paths: readonly string[], options: RunOptions): LoadedScenario[] {
  const scenarios = selected(paths, options);
  for (const { scenario, topology } of scenarios) {
    if (runtimeFor(topology, scenario.runtime) !== runtimes.namespace)
      throw new CannotRun(`${scenario.name} needs containers, and a pod has none`, {
        hint: 'run it on a machine with containerlab',
      });
    if (asksPeople(scenario) && options.operators !== 'skip')
      throw new CannotRun(`${scenario.name} asks people, and there are none in a pod`, {
        hint: 'run it with --operators skip: then their targets are not decided',
      });
  }
  return scenarios;
}

/** What the pods are asked to do, and all that they need for it. */
async function packedRun(
  scenarios: readonly LoadedScenario[],
  options: RunOptions,
): Promise<{ order: Omit<Order, 'version' | 'folder'>; files: Map<string, Buffer> }> {
  const durations = rounded(durationsAt(options.durations));
  const shards = Math.min(options.shards ?? scenarios.length, scenarios.length);
  const order = {
    faildrill: version,
    argv: ['run', ...argvOf(options), ...scenarios.map((one) => planFile(one))],
    shards,
    plan: planOf(scenarios, { of: shards, durations }),
    ...(durations.size > 0 && { durations: durationsText(durations) }),
  };
  const { contents } = await luggage({ order, files: travelling(scenarios), cwd: process.cwd() });
  return { order, files: contents };
}

/** The options that each pod's own command gets. */
const argvOf = (options: RunOptions): string[] => [
  ...selectionArgv(options),
  ...(options.operators === undefined ? [] : ['--operators', options.operators]),
];

/** Processors for the dearest of these drills, as far as the history here knows. */
function cpuOf(scenarios: readonly LoadedScenario[]): string {
  const costs = new Costs(judgedIn(STORE));
  return cpuFor(
    scenarios.map(({ scenario, topology }) => costs.of({ scenario: scenario.name, lab: topology.name })),
  );
}

/** Says what is not in the bucket, each reason once. */
function reportUnstored(folder: string, indexes: number): void {
  const reasons = Array.from({ length: indexes }, (_, index) => whyNotStored(folder, index));
  for (const reason of new Set(reasons.filter((one) => one !== undefined)))
    console.error(`${pc.yellow('warning')} ${printable(reason)}`);
}

/** Follows a run to its end, brings its results together, and takes it away. Returns the exit code. */
async function followed(
  cluster: Cluster,
  run: {
    name: string;
    uid: string;
    folder: string;
    order: Pick<Order, 'faildrill' | 'plan' | 'shards'>;
    bucket: Bucket | undefined;
  },
  { startTimeout }: FollowOptions,
): Promise<number> {
  const { name, uid, folder, order, bucket } = run;
  const stopping = stopOnSignals('no longer following');
  const progress = new RunProgress(order);
  const { state, givenUp } = await followRun(cluster, {
    ...{ name, uid, folder, stop: stopping.signal },
    indexes: order.shards ?? 1,
    startTimeoutMs: startTimeout * 1000,
    notice: (now, before) => progress.notice(now, before),
    warn: (text) => progress.warn(text),
  }).finally(() => progress.end());
  if (stopping.signal.aborted) {
    console.error(`no longer followed; the run goes on. To take it up: faildrill kubernetes attach ${name}`);
    console.error(`To end it: faildrill kubernetes delete ${name}`);
    return EXIT.interrupted;
  }
  if (givenUp !== undefined) console.error(`${pc.red('error')} given up: ${givenUp}`);
  if (bucket) {
    const say = (text: string) => console.error(printable(text));
    await fetchStored({ bucket, uid, state, folder }, { env: process.env, signal: stopping.signal, say });
    reportUnstored(folder, state.indexes.length);
  }
  const rest = { code: EXIT.cannotRun, why: givenUp ?? 'it was not run' };
  accountForRest({ folder, uid, order, state }, rest);
  const merged = join(folder, 'merged');
  // Left by a command that ended before it took the run away.
  rmSync(merged, { recursive: true, force: true });
  const code = mergeFolders([shardsFolder(folder)], relative(process.cwd(), merged));
  await cluster.deleteJob(name).catch((error: unknown) => {
    if (!(error instanceof ClusterError) || error.status !== 404) throw error;
  });
  return code;
}
