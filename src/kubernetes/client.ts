import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type * as Client from '@kubernetes/client-node';
import { CannotRun } from '../runtime/errors.js';
import { type Cluster, ClusterError, type Execution } from './cluster.js';

/** Which cluster is meant; what is not given is as for kubectl. */
export interface Access {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
}

/** Where Kubernetes leaves what a pod knows it by. */
const IN_CLUSTER = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * Opens a namespace of a cluster; nothing is asked of it yet.
 * @throws CannotRun where the client is not installed, there is no kubeconfig, or it does not name a cluster
 */
export async function openCluster(access: Access): Promise<Cluster> {
  const client = await loadClient();
  const config = new client.KubeConfig();
  const files = kubeconfigs(access);
  try {
    if (files.length > 0) loadFiles(client, config, files);
    else config.loadFromCluster();
  } catch (error) {
    throw new CannotRun(`the kubeconfig ${files.join(', ')} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (access.context !== undefined) useContext(config, access.context);
  if (!config.getCurrentCluster())
    throw new CannotRun(`the kubeconfig ${files.join(', ')} has no current context with a cluster`, {
      hint: 'name one with --context',
    });
  const context = config.getContextObject(config.getCurrentContext());
  return clusterOf(client, config, access.namespace ?? context?.namespace ?? 'default');
}

async function loadClient(): Promise<typeof Client> {
  try {
    return await import('@kubernetes/client-node');
  } catch (error) {
    throw new CannotRun('the client for Kubernetes is not installed: @kubernetes/client-node', {
      hint: 'npm install @kubernetes/client-node@1',
      cause: error,
    });
  }
}

/** The files that kubectl would read; none in a pod, which has other means. */
function kubeconfigs({ kubeconfig }: Access): string[] {
  const named = kubeconfig !== undefined ? [kubeconfig] : (process.env.KUBECONFIG ?? '').split(delimiter);
  const files = named.filter(Boolean);
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new CannotRun(`there is no kubeconfig ${missing}`);
  if (files.length > 0) return files;
  const usual = join(homedir(), '.kube', 'config');
  if (existsSync(usual)) return [usual];
  if (existsSync(IN_CLUSTER)) return [];
  throw new CannotRun(`there is no kubeconfig: neither ${usual} nor one that KUBECONFIG names`, {
    hint: 'name one with --kubeconfig',
  });
}

function loadFiles(client: typeof Client, config: Client.KubeConfig, [first, ...others]: string[]): void {
  config.loadFromFile(first!);
  for (const file of others) {
    const other = new client.KubeConfig();
    other.loadFromFile(file);
    config.mergeConfig(other, true);
  }
}

function useContext(config: Client.KubeConfig, context: string): void {
  const known = config.getContexts().map(({ name }) => name);
  if (!known.includes(context))
    throw new CannotRun(`the kubeconfig has no context ${context}: it has ${known.join(', ') || 'none'}`);
  config.setCurrentContext(context);
}

/** Seconds that the server keeps a watch open, and milliseconds after which a call counts as unanswered. */
const WATCH_SECONDS = 300;
const PATIENCE_MS = 30_000;

function clusterOf(client: typeof Client, config: Client.KubeConfig, namespace: string): Cluster {
  const batch = config.makeApiClient(client.BatchV1Api);
  const core = config.makeApiClient(client.CoreV1Api);
  const authorization = config.makeApiClient(client.AuthorizationV1Api);
  const { server } = config.getCurrentCluster()!;
  const ask = async <T>(what: string, call: Promise<T>): Promise<T> => {
    const patience = new AbortController();
    const late = setTimeout(PATIENCE_MS, undefined, patience).then(() => {
      throw new Error('no answer for 30 s');
    });
    // Nobody waits for it any more once there is an answer.
    late.catch(() => {});
    try {
      return await Promise.race([call, late]);
    } catch (error) {
      throw refusal(error, { what, server });
    } finally {
      patience.abort();
    }
  };
  const strict = { namespace, fieldValidation: 'Strict' };
  const paths = {
    pods: `/api/v1/namespaces/${namespace}/pods`,
    events: `/api/v1/namespaces/${namespace}/events`,
    jobs: `/apis/batch/v1/namespaces/${namespace}/jobs`,
  };
  return {
    namespace,
    may: async ({ group, resource, subresource, verb }) => {
      const resourceAttributes = {
        ...{ namespace, group, resource, verb },
        ...(subresource !== undefined && { subresource }),
      };
      const body = { spec: { resourceAttributes } };
      const review = authorization.createSelfSubjectAccessReview({ body });
      return (await ask('ask for its rights', review)).status?.allowed;
    },
    createJob: (body) =>
      ask(`create the Job ${body.metadata!.name}`, batch.createNamespacedJob({ ...strict, body })),
    readJob: (name) => ask(`read the Job ${name}`, batch.readNamespacedJob({ namespace, name })),
    startJob: async (name) => {
      const body = [{ op: 'replace', path: '/spec/suspend', value: false }];
      await ask(`start the Job ${name}`, batch.patchNamespacedJob({ namespace, name, body }));
    },
    deleteJob: async (name) => {
      const options = { namespace, name, propagationPolicy: 'Background' };
      await ask(`delete the Job ${name}`, batch.deleteNamespacedJob(options));
    },
    createConfigMap: async (body) =>
      void (await ask(
        `create the ConfigMap ${body.metadata!.name}`,
        core.createNamespacedConfigMap({ ...strict, body }),
      )),
    readConfigMap: (name) =>
      ask(`read the ConfigMap ${name}`, core.readNamespacedConfigMap({ namespace, name })),
    applyCronJob: async (body) => {
      const name = body.metadata!.name!;
      try {
        return await ask(`create the CronJob ${name}`, batch.createNamespacedCronJob({ ...strict, body }));
      } catch (error) {
        if (!(error instanceof ClusterError) || error.status !== 409) throw error;
        return ask(`change the CronJob ${name}`, batch.replaceNamespacedCronJob({ ...strict, name, body }));
      }
    },
    eventsOf: async ({ kind, name }) => {
      const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
      return (await ask('list events', core.listNamespacedEvent({ namespace, fieldSelector }))).items;
    },
    watch: async (kind, { labels, fields, signal, notice }) => {
      const query = {
        ...(labels !== undefined && { labelSelector: labels }),
        ...(fields !== undefined && { fieldSelector: fields }),
        timeoutSeconds: WATCH_SECONDS,
        // From what the API server has in memory: it would wait for its own cache otherwise, and refuse where nothing happens that brings that up to date.
        resourceVersion: '0',
      };
      let status: { code?: number; message?: string } | undefined;
      let connection: AbortController | undefined;
      const end = () => connection?.abort();
      // A connection whose other end has vanished says nothing, and never ends by itself.
      const timer = global.setTimeout(end, (WATCH_SECONDS + 30) * 1000);
      signal.addEventListener('abort', end);
      const take = (type: string, object: unknown) => {
        if (type === 'ERROR') status = object as typeof status;
        else if (type !== 'BOOKMARK') notice(object as Parameters<typeof notice>[0], type === 'DELETED');
      };
      try {
        await new Promise<void>((resolve, reject) => {
          const done = (error: unknown) => (error && !signal.aborted ? reject(error) : resolve());
          new client.Watch(config).watch(paths[kind], query, take, done).then((open) => {
            connection = open;
            if (signal.aborted) end();
          }, reject);
        });
      } catch (error) {
        throw refusal(error, { what: `watch ${kind}`, server });
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
      }
      // 410: what it knew is too old. The next one begins anew.
      if (status !== undefined && status.code !== 410)
        throw refusal(status, { what: `watch ${kind}`, server });
    },
    execute: async ({ pod, container, command }) => {
      const { WebSocketHandler } = await import('@kubernetes/client-node/dist/web-socket-handler.js');
      const handler = new WebSocketHandler(config, undefined, strangers());
      const exec = new client.Exec(config, handler);
      return executed(
        (stdout, stdin, end) =>
          exec.exec(namespace, pod, container, [...command], stdout, strangers().stderr, stdin, false, end),
        (error) => refusal(error, { what: `run a command in ${pod}`, server }),
      );
    },
  };
}

/** Streams in place of this process's own, which the client would close. */
const strangers = () => ({ stdin: new PassThrough(), stdout: ignoring(), stderr: ignoring() });

const ignoring = () => new Writable({ write: (_chunk, _encoding, done) => done() });

type Connection = Awaited<ReturnType<Client.Exec['exec']>>;

/** A command's connection as streams, with no more in memory than is being read. */
async function executed(
  connect: (
    stdout: Writable,
    stdin: PassThrough,
    end: (status: Client.V1Status) => void,
  ) => Promise<Connection>,
  wrong: (error: unknown) => Error,
): Promise<Execution> {
  const [output, input] = [new PassThrough(), new PassThrough()];
  let connection: Connection | undefined;
  const stdout = new Writable({
    write: (chunk, _encoding, done) => {
      if (!output.write(chunk)) connection?.pause();
      done();
    },
  });
  let end!: (error?: Error) => void;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => {
      if (error) reject(error);
      else resolve();
      if (error && !output.writableEnded) output.destroy(error);
      else output.end();
    };
  });
  // Whoever waits for the end hears of it; nobody has to.
  ended.catch(() => {});
  output.on('error', () => {});
  try {
    connection = await connect(stdout, input, (status) =>
      end(status.status === 'Success' ? undefined : new Error(status.message ?? 'it failed')),
    );
  } catch (error) {
    throw wrong(error);
  }
  output.on('drain', () => connection.resume());
  connection.on('close', () => end(new Error('the connection was lost')));
  connection.on('error', (error: Error) => end(error));
  return {
    output,
    answer: (line) => void input.write(`${line}\n`),
    ended,
    close: () => connection.terminate(),
  };
}

/** What the API server answered, or that it did not, as one sentence. */
function refusal(error: unknown, { what, server }: { what: string; server: string }): ClusterError {
  const {
    code,
    body,
    message = '',
    statusCode,
    cause,
  } = error as {
    code?: number | string;
    statusCode?: number;
    body?: unknown;
    message?: string;
    cause?: unknown;
  };
  const status = typeof code === 'number' ? code : (statusCode ?? statusIn(message));
  if (status === undefined)
    return new ClusterError(
      `the API server ${server} does not answer: ${message || String(cause ?? error)}`,
      {
        cause: error,
        hint: 'is it the cluster that is meant? see --context and --kubeconfig',
      },
    );
  const said = saidIn(body) ?? message;
  if (status === 401)
    return new ClusterError(`the API server ${server} does not know this user: ${said}`, {
      status,
      cause: error,
    });
  return new ClusterError(`cannot ${what}: ${said}`, { status, cause: error });
}

/** Where a connection for a command is refused, its status is only in the message. */
const statusIn = (message: string): number | undefined => {
  const [, status] = /Unexpected server response: (\d{3})/.exec(message) ?? [];
  return status === undefined ? undefined : Number(status);
};

function saidIn(body: unknown): string | undefined {
  const value = typeof body === 'string' ? parsed(body) : body;
  const { message } = (value ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
