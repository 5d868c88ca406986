import { execFile, execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('../../../test/kubernetes/cluster', import.meta.url));

const MOST_OUTPUT = 64 * 1024 * 1024;

/** Has the cluster of the tests do something; returns what it prints. */
const cluster = (argv: readonly string[], input = ''): string =>
  execFileSync(SCRIPT, argv, {
    ...{ input, encoding: 'utf8', maxBuffer: MOST_OUTPUT, stdio: ['pipe', 'pipe', 'inherit'] },
  }).trim();

/** Runs kubectl as the administrator; `input` holds manifests. */
export const kubectl = (argv: readonly string[], input = ''): string => cluster(['kubectl', ...argv], input);

/** The same while this process goes on with other things. */
export const kubectlBeside = async (argv: readonly string[]): Promise<string> =>
  (await promisify(execFile)(SCRIPT, ['kubectl', ...argv], { maxBuffer: MOST_OUTPUT })).stdout.trim();

/** A cluster of one real node. */
export interface Kube extends Disposable {
  /** Folder with what it is made of: kubeconfigs, certificates, PIDs. */
  state: string;
}

/** Brings the cluster of the tests up; it goes down with this process, where it was not up before. */
export function bringUp(): Kube {
  const wasUp = cluster(['is-up']) === 'yes';
  const down = () => void (wasUp || cluster(['down']));
  process.once('exit', down);
  const state = dirname(cluster(['up']).split('\n').at(-1)!);
  return {
    state,
    [Symbol.dispose]() {
      process.off('exit', down);
      down();
    },
  };
}

/** Kubeconfigs: that of the administrator, and that of a user who may do nothing until a role says so. */
export const kubeconfigs = ({ state }: Kube) => ({
  admin: join(state, 'admin.conf'),
  drills: join(state, 'drills.conf'),
});

/** Name of that user. */
export const DRILLS_USER = 'drills';
