import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request as overTcp } from 'node:http';
import { request as overTls } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import type { BucketAccess } from './bucket.js';

/** Milliseconds without a byte in either direction after which a store counts as unanswering. */
const PATIENCE_MS = 30_000;

/** Milliseconds after which a file is sent to a store that does not say whether it wants it. */
const ASKING_MS = 2000;

/** Times that something is tried, and milliseconds before the second time. */
const ATTEMPTS = 3;
const BACKOFF_MS = 2000;

/** Most of a refusal that is read, bytes. */
const READ = 64 * 1024;

/** What a store refused, or why it did not answer. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** HTTP status; nothing where there was no answer. */
  readonly status: number | undefined;
  /** As S3 names it, as `NoSuchKey`. */
  readonly code: string | undefined;
  constructor(
    message: string,
    { status, code, cause }: { status?: number; code?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.code = code;
  }
}

/** An object of a store. */
interface StoredObject {
  bucket: string;
  key: string;
}

/**
 * Puts a file into a bucket, at most 5 GiB (what one PutObject takes). It is read twice, for its digest and to be sent, and never whole in memory.
 * @throws StoreError, after some attempts where another one may go better
 */
export async function putFile(
  access: BucketAccess,
  { bucket, key, file, signal }: StoredObject & { file: string; signal: AbortSignal },
): Promise<void> {
  const [{ size }, sha256] = await Promise.all([stat(file), digestOf(file)]);
  for (let attempt = 1; ; attempt++) {
    try {
      const headers = { 'content-length': String(size), 'x-amz-content-sha256': sha256 };
      const answer = await ask(access, { method: 'PUT', bucket, key, headers, signal, file });
      answer.resume();
      return;
    } catch (error) {
      if (!(error instanceof StoreError) || attempt === ATTEMPTS || !isPassing(error)) throw error;
      await sleep(BACKOFF_MS * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

/** Opens an object of a bucket, to be read as it comes. @throws StoreError */
export const getObject = (
  access: BucketAccess,
  { bucket, key, signal }: StoredObject & { signal: AbortSignal },
): Promise<IncomingMessage> =>
  ask(access, { method: 'GET', bucket, key, headers: { 'x-amz-content-sha256': NOTHING }, signal });

/** Whether another attempt may go better: no answer, too much at once, or the store's own fault. */
const isPassing = ({ status }: StoreError): boolean =>
  status === undefined || status === 429 || status >= 500;

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Digest of a request without a body. */
const NOTHING = createHash('sha256').digest('hex');

/** A request to a store, with the file that it sends. */
interface Asked extends StoredObject {
  method: 'GET' | 'PUT';
  headers: Record<string, string>;
  signal: AbortSignal;
  file?: string;
}

/** Signs a request (AWS Signature Version 4), sends it, and gives the answer where it is a good one. The bucket is in the path, since names of hosts may not be resolvable. */
async function ask(
  { endpoint, ...credentials }: BucketAccess,
  { method, bucket, key, headers, signal, file }: Asked,
): Promise<IncomingMessage> {
  const path = [endpoint.pathname.replace(/\/+$/, ''), bucket, ...key.split('/').map(encodeURIComponent)];
  const url = new URL(path.join('/'), endpoint);
  const signer = new AwsV4Signer({ method, url: url.href, headers, ...credentials, service: 's3' });
  const signed = Object.fromEntries((await signer.sign()).headers.entries());
  const request = (url.protocol === 'https:' ? overTls : overTcp)(url, {
    ...{ method, signal, timeout: PATIENCE_MS },
    // Where it refuses, it says so before the file is sent: what it says afterwards may be lost with the connection.
    headers: { ...signed, ...(file !== undefined && { expect: '100-continue' }) },
  });
  request.on('timeout', () => request.destroy(new Error(`no answer for ${PATIENCE_MS / 1000} s`)));
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
    if (file === undefined) request.end();
    else sendWhenAsked(request, file);
  }).catch((error: NodeJS.ErrnoException) => {
    throw new StoreError(`${endpoint.origin} does not answer: ${error.message || error.code}`, {
      cause: error,
    });
  });
  const { statusCode: status = 0 } = answer;
  if (status >= 200 && status < 300) return answer;
  const { code, message = 'no reason' } = saidIn(await beginningOf(answer));
  // What it still wants of the file is of no use.
  request.destroy();
  const said = [code, message].filter(Boolean).join(': ');
  throw new StoreError(`${endpoint.origin} refuses: ${said} (${status})`, { status, code });
}

/** Sends a file when the store asks for it, or says nothing. */
function sendWhenAsked(request: ClientRequest, file: string): void {
  const timer = setTimeout(() => send(), ASKING_MS);
  const send = () => {
    clearTimeout(timer);
    request.off('continue', send);
    // Its errors are the request's own.
    pipeline(createReadStream(file), request).catch((error: Error) => request.destroy(error));
  };
  request.on('continue', send);
  for (const event of ['response', 'close']) request.on(event, () => clearTimeout(timer));
  request.flushHeaders();
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  // A connection that is lost now has said what it could.
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      text += chunk.toString('utf8');
      if (text.length > READ) break;
    }
  } catch {}
  return text;
}

/** What an answer of S3 says was wrong. */
function saidIn(text: string): { code?: string; message?: string } {
  const part = (name: string) => {
    const [, said] = new RegExp(`<${name}>([^<]+)</${name}>`).exec(text) ?? [];
    return said?.replace(/&(#34|quot);/g, '"').replace(/\s+/g, ' ');
  };
  const [code, message] = [part('Code'), part('Message')];
  return { ...(code !== undefined && { code }), ...(message !== undefined && { message }) };
}
