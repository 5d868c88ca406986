import { type Command, InvalidArgumentError } from 'commander';
import { type Bucket, readBucket } from '../kubernetes/bucket.js';
import { isRunName } from '../kubernetes/names.js';
import { MEMORY } from '../kubernetes/resources.js';
import { parseDuration } from '../scenario/units.js';
import { version } from './version.js';

/** Which cluster. */
export interface AccessOptions {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
}

export const addAccess = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', "instead of kubectl's: KUBECONFIG, else ~/.kube/config")
    .option('--context <name>', 'context of the kubeconfig, instead of the current one')
    .option('-n, --namespace <name>', "namespace, instead of the context's");

/** What pods are made of. */
export interface PodOptions {
  image: string;
  cpu?: string;
  memory: string;
  nodeSelector: Record<string, string>;
}

export const addPods = (command: Command): Command =>
  command
    .option('--image <image>', 'image with this version of faildrill', `faildrill/runner:${version}`)
    .option(
      '--cpu <quantity>',
      'processors of a pod, as 2 or 500m; without it what the dearest of its drills cost when it was last run, at least 1',
      quantity,
    )
    .option('--memory <quantity>', 'memory of a pod, as 2Gi', quantity, MEMORY)
    .option(
      '--node-selector <label=value>',
      'only on nodes with this label; may be given several times',
      label,
      {},
    );

/** Reads a quantity as Kubernetes writes it. */
function quantity(text: string): string {
  if (/^\d+(\.\d+)?(m|Ki|Mi|Gi|k|M|G)?$/.test(text)) return text;
  throw new InvalidArgumentError('expected a quantity of Kubernetes, as 2, 500m or 2Gi');
}

function label(text: string, sofar: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([\w./-]+)=([\w.-]*)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('expected label=value');
  return { ...sofar, [name]: value! };
}

/** Reads the name of a run. */
export function runName(text: string): string {
  if (isRunName(text)) return text;
  throw new InvalidArgumentError(
    'expected at most 50 of a-z, 0-9 and "-", with a letter first and no "-" at the end',
  );
}

/** Reads a whole number from 1 on. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('expected a number from 1 on');
  return Number(text);
}

/** Reads a duration as whole seconds. */
export function seconds(text: string): number {
  const duration = parseDuration(text);
  if (duration === undefined || duration < 1e9)
    throw new InvalidArgumentError('expected a duration from 1s on, as 90s, 5m or 2h');
  return Math.round(duration / 1e9);
}

const claimIn = (text: string): string | undefined =>
  /^pvc:([a-z0-9]([a-z0-9.-]*[a-z0-9])?)$/.exec(text)?.[1];

/** Reads `pvc:<claim>` for what cannot be anywhere else. */
export function historyClaim(text: string): string {
  const claim = claimIn(text);
  if (claim !== undefined) return claim;
  throw new InvalidArgumentError(
    text.startsWith('s3:')
      ? 'a history grows from day to day, and has to be on a claim: expected pvc:<name of a claim>'
      : 'expected pvc:<name of a claim>',
  );
}

/** Where results are kept beside this machine: one of the two. */
export interface Keeping {
  claim?: string;
  bucket?: Bucket;
}

/** Reads `pvc:<claim>` or `s3://<bucket>/<prefix>`. */
export function keeping(text: string): Keeping {
  const [claim, bucket] = [claimIn(text), readBucket(text)];
  if (claim !== undefined) return { claim };
  if (bucket) return { bucket };
  throw new InvalidArgumentError(
    text.startsWith('s3:')
      ? 'expected s3://<bucket>/<prefix>: a bucket of 3 to 63 of a-z, 0-9, "-" and ".", a prefix of letters, digits, "_", "-", ".", "=" and single "/"'
      : 'expected pvc:<name of a claim> or s3://<bucket>/<prefix>',
  );
}

/** Reads the name of a Secret. */
export function secretName(text: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('expected the name of a Secret');
}
