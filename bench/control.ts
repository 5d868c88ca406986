import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Followed, follow } from './control/command.js';
import { type Archives, writeArchives, writeScenarios } from './control/drills.js';
import { bringUp, DRILLS_USER, type Kube, kubeconfigs, kubectl } from './control/kube.js';
import { type Counts, counting, counts, databaseBytes, memoryOfServices, objectsIn } from './control/load.js';
import { fakeNodes, NODE_LABEL } from './control/nodes.js';
import { buildPrograms } from './control/programs.js';
import { CLI } from './recorded.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const setting = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);

/** How many indexes there are, how many drills they have together, and how many run at once. */
const INDEXES = setting('INDEXES', 1000);
const DRILLS = setting('DRILLS', INDEXES);
const PARALLELISM = setting('PARALLELISM', 250);

/** Seconds that a drill takes at least; at most, a fifth more. */
const DRILL_SECONDS = setting('DRILL_SECONDS', 100);
const SPREAD = 1.2;

/** Trials of the drill whose results all indexes leave. */
const TRIALS = setting('TRIALS', 3);

const NODES = setting('NODES', 100);

/** Megabytes. */
const MOST_MEMORY = 200;

/** API requests of the command, a second and a hundred pods. */
const MOST_REQUESTS = 1;

/** What `faildrill kubernetes run` takes to follow many drills, and that it loses none. The control plane is real; nodes and pods are kwok's, their results those of a real drill. */
export async function control(): Promise<Row[]> {
  using kube = bringUp();
  const programs = await buildPrograms();
  using folder = temporaryFolder();
  const scenarios = writeScenarios(folder.path, { drills: DRILLS, trials: TRIALS });
  const archives = await writeArchives(folder.path, { scenarios, indexes: INDEXES });
  const options = { programs, nodes: NODES, archives: archives.path, folder: folder.path };
  const drill = [DRILL_SECONDS, DRILL_SECONDS * SPREAD] as const;
  await using _ = await fakeNodes(kube, { ...options, drill });
  await using namespace = namespaceFor();
  using __ = counting();
  const load = await measured(kube, { folder: folder.path, namespace: namespace.name });
  print(load, archives);
  return rowsOf(load, lostOf(folder.path));
}

/** What following took. */
interface Load extends Followed {
  /** Requests that were counted meanwhile. */
  counted: Counts;
  /** Objects in the namespace when all results were here. */
  objects: Record<string, number>;
  /** Bytes of etcd's database before and then. */
  database: { before: { file: number; used: number }; after: { file: number; used: number } };
  /** Most memory of the control plane's programs that was seen resident, and before; megabytes. */
  services: { before: Record<string, number>; most: Record<string, number> };
}

async function measured(
  kube: Kube,
  { folder, namespace }: { folder: string; namespace: string },
): Promise<Load> {
  const services = { before: memoryOfServices(kube), most: memoryOfServices(kube) as Record<string, number> };
  const timer = setInterval(() => {
    for (const [name, size] of Object.entries(memoryOfServices(kube)))
      services.most[name] = Math.max(size, services.most[name]!);
  }, 1000);
  const before = { database: await databaseBytes(), counts: counts() };
  let objects: Promise<Record<string, number>> = Promise.resolve({});
  let database = Promise.resolve({ file: Number.NaN, used: Number.NaN });
  const argv = [
    ...['run', 'drills', '--name', 'control', '-n', namespace, '--out', 'followed'],
    ...['--parallelism', String(PARALLELISM), '--shards', String(INDEXES)],
    ...['--cpu', '1', '--node-selector', `${NODE_LABEL.name}=${NODE_LABEL.value}`],
  ];
  try {
    const followed = await follow(argv, {
      ...{ cwd: folder, kubeconfig: kubeconfigs(kube).drills, indexes: INDEXES },
      log: process.env.CONTROL_LOG ?? join(folder, 'log.txt'),
      fetched: () => {
        objects = objectsIn(namespace);
        database = databaseBytes();
      },
    });
    const now = counts();
    const since = (key: keyof Counts) => now[key] - before.counts[key];
    return {
      ...followed,
      counted: { calls: since('calls'), commands: since('commands'), all: since('all') },
      objects: await objects,
      database: { before: before.database, after: await database },
      services,
    };
  } finally {
    clearInterval(timer);
  }
}

/** A namespace in which the user who follows may do what the printed Role says, and no more; its end is waited for. */
function namespaceFor(): AsyncDisposable & { name: string } {
  const name = `faildrill-bench-${process.pid}`;
  kubectl(['create', 'namespace', name]);
  const remove = () => void kubectl(['delete', 'namespace', name, '--wait=false']);
  process.once('exit', remove);
  const role = execFileSync(process.execPath, [CLI, 'kubernetes', 'role'], { encoding: 'utf8' });
  kubectl(['apply', '-n', name, '-f', '-'], role);
  kubectl(['create', 'rolebinding', 'faildrill', '--role=faildrill', `--user=${DRILLS_USER}`, '-n', name]);
  return {
    name,
    async [Symbol.asyncDispose]() {
      process.off('exit', remove);
      remove();
      // Its pods need their nodes to go.
      while (kubectl(['get', 'namespace', name, '--ignore-not-found', '-o', 'name']) !== '')
        await sleep(2000);
    },
  };
}

/** What is wrong with what was merged: each drill has to be there once, done and passed, in the index that was asked to. */
function lostOf(folder: string): string[] {
  const { drills } = JSON.parse(readFileSync(join(folder, 'followed/merged/merged.json'), 'utf8')) as {
    drills: { file: string; verdict: string; missing: boolean }[];
  };
  const passed = drills.filter(({ verdict, missing }) => verdict === 'pass' && !missing);
  const files = new Set(passed.map(({ file }) => file));
  const shards = readdirSync(join(folder, 'followed/shards')).filter((name) => /^\d+$/.test(name));
  return [
    ...(files.size === DRILLS ? [] : [`${DRILLS - files.size} not passed`]),
    ...(drills.length === DRILLS ? [] : [`${drills.length} counted`]),
    ...(shards.length === INDEXES ? [] : [`${shards.length} indexes fetched`]),
  ];
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

function print(load: Load, archives: Archives): void {
  const { counted, objects, database, services } = load;
  const lines = [
    ['indexes, drills, pods at once', `${INDEXES}, ${DRILLS}, ${PARALLELISM}`],
    ['seconds that a pod reads scenarios before its drill', archives.readingSeconds.toFixed(1)],
    ['seconds of a drill', `${DRILL_SECONDS} to ${DRILL_SECONDS * SPREAD}`],
    ['seconds until all results were here', load.followingSeconds.toFixed(0)],
    ['seconds for merging them', (load.seconds - load.followingSeconds).toFixed(1)],
    ['processor seconds of the command', load.processorSeconds.toFixed(1)],
    ['requests of the command: commands in pods, all else', `${counted.commands}, ${counted.calls}`],
    ['requests of all', String(counted.all)],
    [
      'results as they are fetched, MB',
      `${megabytes(archives.bytes)} (${(archives.bytes / INDEXES / 1e3).toFixed(0)} kB each)`,
    ],
    [
      'objects',
      Object.entries(objects)
        .map(([kind, number]) => `${number} ${kind}`)
        .join(', '),
    ],
    ["etcd's database before, MB (in use)", sizes(database.before)],
    ['... and when all results were here', sizes(database.after)],
    ...Object.entries(services.most).map(([name, most]) => [
      `memory of ${name} before, and at most, MB`,
      `${services.before[name]!.toFixed(0)}, ${most.toFixed(0)}`,
    ]),
  ];
  console.log(`${markdown(['', ''], lines)}\n`);
}

const sizes = ({ file, used }: { file: number; used: number }): string =>
  `${megabytes(file)} (${megabytes(used)})`;

function rowsOf(load: Load, lost: readonly string[]): Row[] {
  const { counted, passed, code } = load;
  const pace = (counted.commands + counted.calls) / load.followingSeconds / (PARALLELISM / 100);
  const wrong = [
    ...lost,
    ...(code === 0 ? [] : [`exit code ${code}`]),
    ...(passed === INDEXES ? [] : [`${passed} told`]),
  ];
  return [
    {
      what: `following ${INDEXES} indexes: memory of the command / with merging`,
      target: `<= ${MOST_MEMORY} MB`,
      measured: `${load.followingMegabytes.toFixed(0)} / ${load.megabytes.toFixed(0)} MB`,
      ok: load.megabytes <= MOST_MEMORY,
    },
    {
      what: `following ${INDEXES} indexes: API requests a second and a hundred pods`,
      target: `<= ${MOST_REQUESTS}`,
      measured: pace.toFixed(2),
      ok: pace <= MOST_REQUESTS,
    },
    {
      what: `following ${INDEXES} indexes: each passed, none lost, none twice`,
      target: `${DRILLS} drills`,
      measured: wrong.length === 0 ? `${DRILLS} drills` : wrong.join('; '),
      ok: wrong.length === 0,
    },
  ];
}
