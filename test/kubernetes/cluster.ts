import { execFileSync } from 'node:child_process';
import { packageFile } from '../../src/paths.js';

const CLUSTER = packageFile('test/kubernetes/cluster');

/**
 * Has the cluster do something; the first lines of the script say what it can. What takes long is told on standard error.
 * @param input for its standard input
 * @returns what it prints
 */
export const cluster = (argv: string[], input = ''): string =>
  execFileSync(CLUSTER, argv, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] }).trim();

/** Runs kubectl as the administrator; `input` holds manifests. */
export const kubectl = (argv: string[], input = ''): string => cluster(['kubectl', ...argv], input);
