import { ARCHIVE } from './names.js';

/** A place for archives in an S3-compatible store. */
export interface Bucket {
  name: string;
  /** What their keys begin with, without a slash at its ends; may be empty. */
  prefix: string;
}

/** Lower case, digits, dots and hyphens, 3 to 63 of them: what all stores take. */
const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Parts of a key that mean the same in every store and URL, however it is written: neither "." nor "..", and nothing to be escaped but "=". */
const PART = /^(?!\.{1,2}$)[\w.=-]+$/;

/** Reads `s3://<bucket>/<prefix>`; nothing where it is none. */
export function readBucket(text: string): Bucket | undefined {
  const [, name = '', prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*?)\/?)?$/.exec(text) ?? [];
  const isPrefix = prefix === '' || prefix.split('/').every((part) => PART.test(part));
  return NAME.test(name) && isPrefix ? { name, prefix } : undefined;
}

/** Writes what `readBucket` reads. */
export const bucketUrl = ({ name, prefix }: Bucket): string =>
  ['s3:/', name, prefix].filter(Boolean).join('/');

/** Where the archive of an index is in a bucket. @param uid of its Job */
export const archiveKey = (
  { prefix }: Bucket,
  { uid, index }: { uid: string; index: number | string },
): string => [prefix, uid, index, ARCHIVE].filter((part) => part !== '').join('/');

/** How a store is reached, and as whom. */
export interface BucketAccess {
  endpoint: URL;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The variables that say so, as the tools of AWS read them, and whether there has to be one. */
export const ACCESS = {
  AWS_ACCESS_KEY_ID: 'required',
  AWS_SECRET_ACCESS_KEY: 'required',
  AWS_SESSION_TOKEN: 'optional',
  AWS_REGION: 'optional',
  AWS_ENDPOINT_URL: 'optional',
} as const;

/** What stores that know no regions take. */
const REGION = 'us-east-1';

/**
 * Reads these variables. Without an endpoint, it is Amazon's.
 * @returns the access, or what is wrong
 */
export function bucketAccess(env: NodeJS.ProcessEnv): BucketAccess | string {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
    AWS_SESSION_TOKEN: sessionToken = '',
  } = env;
  if (accessKeyId === '' || secretAccessKey === '')
    return 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set';
  const region = env.AWS_REGION || REGION;
  const address = env.AWS_ENDPOINT_URL || `https://s3.${region}.amazonaws.com`;
  const endpoint = URL.canParse(address) ? new URL(address) : undefined;
  if (!/^https?:$/.test(endpoint?.protocol ?? ''))
    return 'AWS_ENDPOINT_URL is not an address of http or https';
  return {
    ...{ endpoint: endpoint!, region, accessKeyId, secretAccessKey },
    ...(sessionToken !== '' && { sessionToken }),
  };
}
