import { execFileSync } from 'node:child_process';
import { packageFile } from '../../src/paths.js';

/** The script. */
export const CLUSTER = packageFile('test/kubernetes/cluster');

/**
 * Has the cluster do something; the first lines of the script say what it can.
 * @param input for its standard input
 * @returns what it prints
 * @throws with what it says on standard error
 */
export const cluster = (argv: string[], input = ''): string =>
  execFileSync(CLUSTER, argv, { input, encoding: 'utf8', stdio: 'pipe' }).trim();

/** Runs kubectl as the administrator; `input` holds manifests. */
export const kubectl = (argv: string[], input = ''): string => cluster(['kubectl', ...argv], input);
