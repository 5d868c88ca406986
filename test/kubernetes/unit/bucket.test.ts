import { expect, test } from 'vitest';
import { archiveKey, bucketAccess, bucketUrl, readBucket } from '../../../src/kubernetes/bucket.js';

test.each([
  ['s3://drills/nightly/eu', { name: 'drills', prefix: 'nightly/eu' }],
  ['s3://drills/nightly/', { name: 'drills', prefix: 'nightly' }],
  ['s3://drills/team=net/2026_11.x', { name: 'drills', prefix: 'team=net/2026_11.x' }],
  ['s3://drills', { name: 'drills', prefix: '' }],
  ['s3://drills/', { name: 'drills', prefix: '' }],
  ['s3://my.bucket-1/a', { name: 'my.bucket-1', prefix: 'a' }],
  ['s3://', undefined],
  ['s3://ab/x', undefined],
  ['s3://Drills/x', undefined],
  ['s3://-drills/x', undefined],
  [`s3://${'a'.repeat(64)}/x`, undefined],
  ['s3://user:key@drills/x', undefined],
  ['s3://drills/a//b', undefined],
  ['s3://drills//a', undefined],
  ['s3://drills/../a', undefined],
  ['s3://drills/a/.', undefined],
  ['s3://drills/a b', undefined],
  ['s3://drills/a?x', undefined],
  ['s3://drills/ä', undefined],
  ['https://drills/a', undefined],
  ['drills/a', undefined],
])('%s', (text, bucket) => {
  expect(readBucket(text)).toEqual(bucket);
  if (bucket) expect(readBucket(bucketUrl(bucket))).toEqual(bucket);
});

test.each([
  [{ name: 'drills', prefix: 'nightly/eu' }, 'nightly/eu/9f/0/result.tar.gz'],
  [{ name: 'drills', prefix: '' }, '9f/0/result.tar.gz'],
])('the key of an archive in %o', (bucket, key) => {
  expect(archiveKey(bucket, { uid: '9f', index: 0 })).toBe(key);
});

const KEYS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };

test.each([
  [
    'no more than the keys: Amazon',
    KEYS,
    { endpoint: new URL('https://s3.us-east-1.amazonaws.com'), region: 'us-east-1' },
  ],
  [
    'a region, and a token',
    { ...KEYS, AWS_REGION: 'eu-central-1', AWS_SESSION_TOKEN: 'c' },
    {
      endpoint: new URL('https://s3.eu-central-1.amazonaws.com'),
      region: 'eu-central-1',
      sessionToken: 'c',
    },
  ],
  [
    'a store of another kind; what is empty is not there',
    { ...KEYS, AWS_ENDPOINT_URL: 'http://store:9000/s3', AWS_REGION: '', AWS_SESSION_TOKEN: '' },
    { endpoint: new URL('http://store:9000/s3'), region: 'us-east-1' },
  ],
])('%s', (_, env, access) => {
  expect(bucketAccess(env)).toEqual({ ...access, accessKeyId: 'a', secretAccessKey: 'b' });
});

test.each([
  [{}, 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set'],
  [{ ...KEYS, AWS_SECRET_ACCESS_KEY: '' }, 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set'],
  [{ ...KEYS, AWS_ENDPOINT_URL: 'store:9000' }, 'AWS_ENDPOINT_URL is not an address of http or https'],
  [{ ...KEYS, AWS_ENDPOINT_URL: 'store' }, 'AWS_ENDPOINT_URL is not an address of http or https'],
])('%o is no access', (env, problem) => {
  expect(bucketAccess(env)).toBe(problem);
});
