import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type ExecaError, execa } from 'execa';
import { CannotRun } from '../errors.js';
import { openDocker } from './docker.js';
import { readDockerfile } from './dockerfile.js';

/** Where Debian's own image has no use for what its packages bring. */
const NOT_KEPT = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'var/cache/apt', 'var/lib/apt/lists'];

/** An image that was built. */
export interface BuiltImage {
  tag: string;
  /** As Docker has it: `sha256:…`. */
  id: string;
}

/**
 * Builds an image from a Dockerfile without a registry: debootstrap makes the Debian that it starts from, its commands run in that, and
 * Docker imports the result.
 * @param folder has the Dockerfile; the image is `faildrill/<its name>`
 * @param mirror Debian's archive, instead of debootstrap's own choice
 * @param say told of each line that is printed meanwhile
 * @throws InvalidInput where the Dockerfile takes a registry; CannotRun where a step fails
 */
export async function buildImage(options: {
  folder: string;
  mirror?: string | undefined;
  say: (line: string) => void;
}): Promise<BuiltImage> {
  const { folder, mirror, say } = options;
  const file = join(folder, 'Dockerfile');
  const { suite, steps, settings } = readDockerfile(readText(file), file);
  const docker = await openDocker();
  const root = mkdtempSync(join(tmpdir(), 'faildrill-image-'));
  try {
    await run(['debootstrap', '--variant=minbase', suite, root, ...(mirror ? [mirror] : [])], say);
    prepare(root);
    for (const step of steps) {
      if ('run' in step) await runInside(root, step.run, say);
      else copy(join(folder, step.copy), join(root, step.to));
    }
    for (const path of NOT_KEPT) rmSync(join(root, path), { recursive: true, force: true });
    const repo = `faildrill/${basename(folder)}`;
    const tar = execa(
      'tar',
      ['-C', root, '--numeric-owner', '--xattrs', '--xattrs-include=security.capability', '-c', '.'],
      {
        encoding: 'buffer',
        buffer: false,
      },
    );
    const answer = await docker.importImage(tar.stdout, { repo, tag: 'latest', changes: settings });
    await tar;
    return { tag: repo, id: await lastStatus(answer) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CannotRun(`there is no ${file}`, { cause: error });
  }
}

/**
 * What a root for the build needs: that others than root may enter it, names to be looked up, and no service started by a package, as in
 * Debian's own image.
 */
function prepare(root: string) {
  chmodSync(root, 0o755);
  copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n');
  chmodSync(join(root, 'usr/sbin/policy-rc.d'), 0o755);
}

/** Runs a command line in a root, with /proc of its own; what it leaves running ends with it. */
const runInside = (root: string, line: string, say: (line: string) => void) =>
  run(
    [
      ...['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL', '--propagation', 'private', '--'],
      ...['sh', '-ec', 'mount -t proc proc "$1/proc"; exec chroot "$1" /bin/sh -c "$2"', 'sh', root, line],
    ],
    say,
  );

function copy(from: string, to: string) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    copyFileSync(from, to);
  } catch (error) {
    throw new CannotRun(`cannot copy ${from}: ${(error as Error).message}`, { cause: error });
  }
}

async function run([command = '', ...argv]: string[], say: (line: string) => void): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const child = execa(command, argv, { all: true, stdin: 'ignore', env });
  const last: string[] = [];
  try {
    for await (const line of child.iterable({ from: 'all' })) {
      last.push(line);
      if (last.length > 10) last.shift();
      say(line);
    }
    await child;
  } catch (error) {
    const { code, exitCode } = error as ExecaError;
    if (code === 'ENOENT')
      throw new CannotRun(`${command} is not on this machine`, { hint: `apt-get install ${command}` });
    const what = argv.at(-1)?.split('\n')[0];
    throw new CannotRun(`${command} failed (${exitCode}) at ${what}:\n${last.join('\n')}`, { cause: error });
  }
}

/** The image's id, which Docker says at the end of its answer. */
async function lastStatus(answer: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += chunk;
  const said = text
    .trim()
    .split(/\r?\n/)
    .map((line) => JSON.parse(line) as { status?: string; error?: string });
  const failed = said.find(({ error }) => error !== undefined);
  if (failed) throw new CannotRun(`Docker did not import the image: ${failed.error}`);
  return said.at(-1)?.status ?? '';
}
