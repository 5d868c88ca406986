import { archiveKey, bucketAccess, readBucket } from './bucket.js';
import { BUCKET_VARIABLE, RUN_ID } from './names.js';
import { putFile } from './s3.js';

/**
 * Keeps the archive of an index in the bucket that its pod was told of.
 * @param env variables of the pod
 * @returns `true` where it is there, or why not; nothing where no bucket was named
 */
export async function keepArchive(file: string, env: NodeJS.ProcessEnv): Promise<true | string | undefined> {
  const { [BUCKET_VARIABLE]: url, [RUN_ID]: uid = '', JOB_COMPLETION_INDEX: index = '' } = env;
  if (url === undefined) return undefined;
  const end = new AbortController();
  const abort = () => end.abort(new Error('the pod was told to end'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, abort);
  try {
    const [bucket, access] = [readBucket(url), bucketAccess(env)];
    if (!bucket) throw new Error('this is none');
    if (typeof access === 'string') throw new Error(access);
    const key = archiveKey(bucket, { uid, index });
    await putFile(access, { bucket: bucket.name, key, file, signal: end.signal });
    return true;
  } catch (error) {
    const { message } = end.signal.aborted ? (end.signal.reason as Error) : (error as Error);
    return `the results are not in ${url}: ${message}`;
  } finally {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, abort);
  }
}
