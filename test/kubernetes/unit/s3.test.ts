import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { keepArchive } from '../../../src/kubernetes/keep.js';
import { getObject } from '../../../src/kubernetes/s3.js';
import { temporaryFolder } from '../../fixtures/scenario.js';

/** Larger than what a connection holds, so that a store that does not read it would block whoever sends without asking. */
const BYTES = 20 * 1024 * 1024;

/** An archive, and the variables of a pod that is to keep it in a store at this address. */
function pod(endpoint: string) {
  const file = join(temporaryFolder(), 'result.tar.gz');
  writeFileSync(file, randomBytes(BYTES));
  const env = {
    ...{ AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'hidden', AWS_ENDPOINT_URL: endpoint },
    ...{ FAILDRILL_BUCKET: 's3://drills/a=1', FAILDRILL_RUN: '9f', JOB_COMPLETION_INDEX: '3' },
  };
  return { file, env };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A store that asks for what is sent to it, and answers as it is told. */
const store = (answer: RequestListener): Promise<string> => listening(createServer(answer));

/** One that decides before it asks for anything. */
async function decidingStore(answer: RequestListener): Promise<string> {
  const server = createServer();
  server.on('checkContinue', answer);
  return listening(server);
}

const KEY = '/drills/a%3D1/9f/3/result.tar.gz';

test('an archive is put under the run and index, with its digest and length, signed', async () => {
  let received:
    | { path?: string | undefined; headers: NodeJS.Dict<string | string[]>; sha256: string }
    | undefined;
  const { file, env } = pod(
    await store(async (request, response) => {
      const hash = createHash('sha256');
      for await (const chunk of request) hash.update(chunk as Buffer);
      received = { path: request.url, headers: request.headers, sha256: hash.digest('hex') };
      response.end();
    }),
  );
  expect(await keepArchive(file, env)).toBe(true);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  expect(received).toMatchObject({ path: KEY, sha256 });
  expect(received!.headers).toMatchObject({
    'content-length': String(BYTES),
    'x-amz-content-sha256': sha256,
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/us-east-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
    ),
  });
  expect(JSON.stringify(received)).not.toContain('hidden');
});

test('a store that refuses is heard, though it reads nothing of the archive', async () => {
  let asked = 0;
  const { file, env } = pod(
    await decidingStore((_, response) => {
      asked++;
      response.writeHead(403, { connection: 'close' });
      response.end('<Error><Code>AccessDenied</Code><Message>not\n &quot;you&quot;</Message></Error>');
    }),
  );
  expect(await keepArchive(file, env)).toMatch(
    /^the results are not in s3:\/\/drills\/a=1: http:\S+ refuses: AccessDenied: not "you" \(403\)$/,
  );
  expect(asked).toBe(1);
});

test('a store that is busy is asked again, and one that never says that it wants the archive gets it', async () => {
  let asked = 0;
  const { file, env } = pod(
    await decidingStore((request, response) => {
      asked++;
      if (asked === 1) response.writeHead(503).end();
      // It does not answer "100 Continue".
      else request.resume().on('end', () => response.end());
    }),
  );
  expect(await keepArchive(file, env)).toBe(true);
  expect(asked).toBe(2);
});

test('a store that is not there', async () => {
  const { file, env } = pod('http://127.0.0.1:1');
  expect(await keepArchive(file, env)).toMatch(
    /^the results are not in s3:\/\/drills\/a=1: http:\/\/127\.0\.0\.1:1 does not answer: connect ECONNREFUSED/,
  );
});

test('what a store cannot be reached by is named, and no bucket is no word', async () => {
  const { file, env } = pod('http://127.0.0.1:1');
  expect(await keepArchive(file, { ...env, AWS_SECRET_ACCESS_KEY: '' })).toBe(
    'the results are not in s3://drills/a=1: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set',
  );
  expect(await keepArchive(file, { ...env, FAILDRILL_BUCKET: undefined })).toBeUndefined();
});

test('a pod that is told to end does not wait for a store that says nothing', async () => {
  const heard = vi.fn();
  const { file, env } = pod(await store(heard));
  const kept = keepArchive(file, env);
  await expect.poll(() => heard.mock.calls.length).toBe(1);
  process.emit('SIGTERM');
  expect(await kept).toBe('the results are not in s3://drills/a=1: the pod was told to end');
});

test('an object that is not there has the code for it', async () => {
  const endpoint = await store((_, response) => {
    response.writeHead(404).end('<Error><Code>NoSuchKey</Code><Message>none</Message></Error>');
  });
  const access = {
    ...{ endpoint: new URL(endpoint), region: 'us-east-1' },
    ...{ accessKeyId: 'key', secretAccessKey: 'hidden' },
  };
  const { signal } = new AbortController();
  await expect(getObject(access, { bucket: 'drills', key: 'x', signal })).rejects.toMatchObject({
    ...{ status: 404, code: 'NoSuchKey' },
  });
});
