import { createHash } from 'node:crypto';
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
import { type Recipe, readDockerfile } from './dockerfile.js';
import { writeImageArchive } from './image-archive.js';
import { findLayer, type Layer, layerOf, writeLayer } from './layer.js';

/** Where Debian's own image has no use for what its packages bring. */
const NOT_KEPT = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'var/cache/apt', 'var/lib/apt/lists'];

/** An image that was built. */
export interface BuiltImage {
  tag: string;
  /** Digest of its configuration: `sha256:…`. */
  id: string;
}

/** How to build an image. */
export interface BuildOptions {
  /** Has the Dockerfile. */
  folder: string;
  /** `faildrill/<the folder's name>` unless it is given. */
  tag?: string;
  /** Debian's archive, instead of debootstrap's own choice. */
  mirror?: string | undefined;
  /** File to write the image to; without it Docker imports the image. */
  output?: string | undefined;
  /** Folder that keeps the layer of Debian and what the commands made of it, and has it for the next image of the same recipe. Only with `output`. */
  cache?: string | undefined;
  /** Told of each line that is printed meanwhile. */
  say: (line: string) => void;
}

/**
 * Builds an image from a Dockerfile without a registry: debootstrap makes the Debian that it starts from, its commands run in that, and
 * the result becomes a file or is imported by Docker.
 * @throws InvalidInput where the Dockerfile takes a registry; CannotRun where a step fails
 */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const { folder, output, say } = options;
  const tag = options.tag ?? `faildrill/${basename(folder)}`;
  const file = join(folder, 'Dockerfile');
  const recipe = readDockerfile(readText(file), file);
  if (recipe.node !== undefined) checkNode(recipe.node, say);
  const work = mkdtempSync(join(tmpdir(), 'faildrill-image-'));
  try {
    const id =
      output === undefined
        ? await importRoot({ ...options, tag, recipe, root: join(work, 'root') })
        : await writeImageArchive({
            layers: await layersOf({ ...options, recipe, work }),
            settings: recipe.settings,
            tag: tag.includes(':') ? tag : `${tag}:latest`,
            file: output,
          });
    return { tag, id };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

type Build = BuildOptions & { recipe: Recipe };

/** Node.js cannot be had without a registry either: the image gets the one that builds it. */
function checkNode(wanted: string, say: (line: string) => void) {
  const own = process.versions.node;
  if (own.split('.')[0] !== wanted.split('.')[0])
    throw new CannotRun(`the image has Node.js ${wanted}, and is built without a registry by ${own}`, {
      hint: `run faildrill image build with Node.js ${wanted.split('.')[0]}`,
    });
  if (own !== wanted) say(`Node.js ${own}, which runs this, instead of ${wanted}`);
}

/** Makes the whole root and has Docker import it. */
async function importRoot(build: Build & { tag: string; root: string }): Promise<string> {
  const { folder, recipe, tag, root } = build;
  const docker = await openDocker();
  await makeRoot(build);
  for (const step of recipe.steps)
    if ('add' in step) await run(['tar', '-C', root, '-xf', join(folder, step.add)], build.say);
  const tar = tarOf(root);
  const [repo, version = 'latest'] = tag.split(':');
  const answer = await docker.importImage(tar.stdout, { repo, tag: version, changes: recipe.settings });
  await tar;
  return lastStatus(answer);
}

/** The layers of an image: the root, which may be there from an earlier build, and each archive that is added to it. */
async function layersOf(build: Build & { work: string }): Promise<Layer[]> {
  const { folder, recipe, work, cache = work } = build;
  mkdirSync(cache, { recursive: true });
  const file = join(cache, `${digestOf(folder, recipe)}.tar.gz`);
  let base = findLayer(file);
  if (!base) {
    const root = join(work, 'root');
    await makeRoot({ ...build, root });
    const tar = tarOf(root);
    base = await writeLayer(tar.stdout, file);
    await tar;
  }
  const added: Layer[] = [];
  for (const step of recipe.steps)
    if ('add' in step)
      added.push(await layerOf(join(folder, step.add), join(work, `${added.length}.tar.gz`)));
  return [base, ...added];
}

/** Of all that the root is made of. */
function digestOf(folder: string, { suite, node, steps }: Recipe): string {
  const hash = createHash('sha256').update(JSON.stringify([suite, node && process.version, steps]));
  for (const step of steps) if ('copy' in step) hash.update(readFileSync(join(folder, step.copy)));
  return hash.digest('hex');
}

/** Makes a root of Debian, of the recipe's commands and of the files that it copies. */
async function makeRoot({ folder, recipe, mirror, say, root }: Build & { root: string }): Promise<void> {
  await run(['debootstrap', '--variant=minbase', recipe.suite, root, ...(mirror ? [mirror] : [])], say);
  prepare(root);
  if (recipe.node !== undefined) copy(process.execPath, join(root, 'usr/local/bin/node'));
  for (const step of recipe.steps) {
    if ('run' in step) await runInside(root, step.run, say);
    else if ('copy' in step) copy(join(folder, step.copy), join(root, step.to));
  }
  for (const path of NOT_KEPT) rmSync(join(root, path), { recursive: true, force: true });
}

const tarOf = (root: string) =>
  execa(
    'tar',
    ['-C', root, '--numeric-owner', '--xattrs', '--xattrs-include=security.capability', '-c', '.'],
    { encoding: 'buffer', buffer: false },
  );

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
