import { archiveKey, type Bucket, bucketAccess, bucketUrl } from './bucket.js';
import type { RunState } from './follow.js';
import { takeIn } from './results.js';
import { getObject, StoreError } from './s3.js';

/** A run whose results are kept in a bucket as well. */
interface Kept {
  bucket: Bucket;
  /** Of its Job. */
  uid: string;
  state: RunState;
  /** Where its results go. */
  folder: string;
}

/**
 * Brings results here that no pod has any more, from the bucket. What was never stored is left out.
 * @param env with the variables of `ACCESS`
 * @param say told of each index that it brought, and of what cannot be brought
 */
export async function fetchStored(
  { bucket, uid, state, folder }: Kept,
  { env, signal, say }: { env: NodeJS.ProcessEnv; signal: AbortSignal; say: (text: string) => void },
): Promise<void> {
  const wanted = lost(state);
  if (wanted.length === 0) return;
  const access = bucketAccess(env);
  if (typeof access === 'string') {
    say(`what is missing may be in ${bucketUrl(bucket)}, and is not fetched from there: ${access}`);
    return;
  }
  for (const index of wanted) {
    const key = archiveKey(bucket, { uid, index });
    try {
      await takeIn(await getObject(access, { bucket: bucket.name, key, signal }), { folder, index });
      say(`fetched s3://${bucket.name}/${key}`);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'NoSuchKey') continue;
      say(`s3://${bucket.name}/${key} cannot be fetched: ${(error as Error).message}`);
    }
  }
}

/** Indexes that came to an end and whose results were not fetched. */
const lost = ({ indexes, job }: RunState): number[] =>
  indexes.flatMap(({ phase }, index) =>
    phase === 'failed' && (job.completed.has(index) || job.failed.has(index)) ? [index] : [],
  );
