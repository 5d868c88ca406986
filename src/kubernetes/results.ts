import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { MANIFEST, writeManifest } from '../shards/manifest.js';
import type { Cluster } from './cluster.js';
import type { RunState } from './follow.js';
import { FETCH, RELEASE } from './manifests.js';
import { NOT_STORED, RESULTS } from './names.js';
import type { Order } from './order.js';
import type { PodView } from './pod-view.js';

/** Folder of what was fetched, in that of a run, with a folder an index in it. */
export const shardsFolder = (folder: string): string => join(folder, 'shards');

const UNFINISHED = '.fetching-';

/** Indexes whose results are in the folder of a run, whole. What an earlier command left unfinished is taken away. */
export function fetchedIndexes(folder: string): Set<number> {
  const shards = shardsFolder(folder);
  const names = existsSync(shards) ? readdirSync(shards) : [];
  for (const name of names.filter((one) => one.startsWith(UNFINISHED)))
    rmSync(join(shards, name), { recursive: true, force: true });
  return new Set(names.filter((name) => /^\d+$/.test(name)).map(Number));
}

/**
 * Brings the results of an index here, and lets its pod go then. The folder of the index is there whole, or not at all.
 * @throws where the connection was lost, or what came is damaged: then the pod keeps them
 */
export async function fetchResults(cluster: Cluster, pod: PodView, folder: string): Promise<void> {
  const execution = await cluster.execute({ pod: pod.name, container: RESULTS, command: FETCH });
  try {
    await takeIn(sized(execution.output), { folder, index: pod.index });
    execution.answer('fetched');
    // That the container is gone may be quicker than the word of it.
    await execution.ended.catch(() => {});
  } finally {
    execution.close();
  }
}

/** Unpacks the archive of an index into its folder, which is there whole then, or not at all. Rejects where it is damaged. */
export async function takeIn(
  archive: Readable,
  { folder, index }: { folder: string; index: number },
): Promise<void> {
  const unfinished = join(shardsFolder(folder), `${UNFINISHED}${index}`);
  rmSync(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    await pipeline(archive, extract({ cwd: unfinished, strict: true }));
    renameSync(unfinished, join(shardsFolder(folder), String(index)));
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** The bytes whose number stands in the first line of a stream. Fails where it ends before them. */
function sized(source: Readable): Readable {
  const output = new PassThrough();
  const copy = async () => {
    let header = Buffer.alloc(0);
    let left: number | undefined;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      let data = chunk;
      if (left === undefined) {
        header = Buffer.concat([header, chunk]);
        const end = header.indexOf(0x0a);
        if (end === -1) continue;
        left = Number(header.subarray(0, end).toString('latin1'));
        data = header.subarray(end + 1);
      }
      left -= data.length;
      if (!output.write(data)) await once(output, 'drain');
      if (left <= 0) break;
    }
    if (left !== 0) throw new Error('the results ended before their end');
    output.end();
  };
  copy().catch((error: Error) => output.destroy(error));
  return output;
}

/** Lets a pod go that has nothing that is wanted. */
export async function releasePod(cluster: Cluster, pod: PodView): Promise<void> {
  const execution = await cluster.execute({ pod: pod.name, container: RESULTS, command: RELEASE });
  await execution.ended.catch(() => {});
  execution.close();
}

/** Whether an index left an account of its drills. */
export const hasManifest = (folder: string, index: number): boolean => {
  const shard = join(shardsFolder(folder), String(index));
  return existsSync(shard) && readdirSync(shard).some((name) => MANIFEST.test(name));
};

/** Why the results of an index are not in the bucket that they were to be kept in as well; nothing where they are. */
export function whyNotStored(folder: string, index: number): string | undefined {
  const file = join(shardsFolder(folder), String(index), NOT_STORED);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** Name of the file with what an index printed. */
export const LOG = 'log.txt';

/** What an index printed as errors last, in one line; nothing where it printed none. */
export function lastErrors(folder: string, index: number): string | undefined {
  const log = join(shardsFolder(folder), String(index), LOG);
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  const errors = lines.filter((line) => line.startsWith('error ')).map((line) => line.slice('error '.length));
  return errors.length > 0 ? errors.slice(-3).join('; ') : undefined;
}

/**
 * Writes down, for each index that left no account of its drills, that they could not be run, and why: then a merge has them by name.
 * @param code exit code that it means
 */
export function accountForRest(
  {
    folder,
    uid,
    order,
    state,
  }: { folder: string; uid: string; order: Pick<Order, 'faildrill' | 'plan' | 'shards'>; state: RunState },
  { code, why }: { code: number; why: string },
): void {
  const { shards = 1, plan, faildrill } = order;
  for (const [index, { pod, phase, reason = why }] of state.indexes.entries()) {
    if (hasManifest(folder, index)) continue;
    const problem = phase === 'done' ? (lastErrors(folder, index) ?? 'it left no word') : reason;
    const own = plan.filter(({ shard }) => shard === index + 1);
    writeManifest(join(shardsFolder(folder), String(index)), {
      ...{ faildrill, run: uid, shard: index + 1, of: shards, plan },
      drills: own.map(({ file }) => ({
        file,
        code: phase === 'done' ? (pod?.code ?? code) : code,
        problem,
      })),
    });
  }
}
