import { execFileSync, type StdioOptions } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../../src/paths.js';
import { CLUSTER, cluster } from './cluster.js';

/** Keeps Debian's part of the image between runs, beside the cluster's programs. */
const CACHE = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

/**
 * Brings the cluster up and the runner's image into it, of faildrill as it is built here. A cluster that was up already stays up.
 * KUBERNETES_IMAGE=keep: the image that it has will do; KUBERNETES_IMAGE=<image>: that one, which it has.
 * @returns what takes it down
 */
export default function setup(): () => void {
  const wasUp = cluster(['is-up']) === 'yes';
  // It says what takes long, and what is missing.
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit'];
  execFileSync(CLUSTER, ['up'], { stdio });
  execFileSync(CLUSTER, ['s3'], { stdio });
  if (process.env.KUBERNETES_IMAGE === undefined) bringImage(stdio);
  return () => {
    if (!wasUp) cluster(['down']);
  };
}

function bringImage(stdio: StdioOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'faildrill-kubernetes-'));
  try {
    const file = join(folder, 'runner.tar');
    const build = ['image', 'build', 'runner', '--output', file, '--cache', join(CACHE, 'faildrill/images')];
    execFileSync(packageFile('dist/cli/main.js'), build, { stdio });
    cluster(['import', file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
