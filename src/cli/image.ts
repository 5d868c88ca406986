import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { packageFile } from '../paths.js';
import { buildImage } from '../runtime/containerlab/build-image.js';
import { packFaildrill } from '../runtime/containerlab/pack.js';
import { buildRunner } from '../runtime/containerlab/runner-image.js';

interface Options {
  mirror?: string;
  output?: string;
  cache?: string;
}

const say = (line: string) => console.log(pc.dim(line));

/** `faildrill image`: images for the containerlab runtime and for Kubernetes, where there is no registry. */
export function addImage(program: Command): void {
  const image = program
    .command('image')
    .description('images for the containerlab runtime, and one that has faildrill itself');
  image
    .command('build')
    .argument(
      '[image...]',
      'folders with a Dockerfile that starts from Debian, or "runner": faildrill itself, for Kubernetes; the images of the shipped labs without one',
    )
    .option('--mirror <url>', "Debian's archive, instead of debootstrap's own choice")
    .option('--output <file>', 'write the one image to a file, for ctr import or docker load')
    .option('--cache <folder>', 'keep what Debian and its packages come to, for the next --output')
    .description(
      'build images without a registry, by debootstrap; Docker imports them unless there is --output',
    )
    .action(async (names: string[], options: Options) => {
      const images = names.length > 0 ? names : ownImages();
      if (options.output !== undefined && images.length !== 1) image.error('error: --output takes one image');
      for (const name of images) {
        const build = name === 'runner' ? buildRunner : buildImage;
        const { tag, id } = await build({ folder: name, ...options, say });
        console.log(`${pc.green('✓')} ${pc.bold(tag)} ${pc.dim(id)}`);
      }
    });
  image
    .command('pack')
    .argument('<file>', 'compressed tar: faildrill.tgz')
    .description(
      "write the layer that has faildrill and what it needs, for docker build of the runner's Dockerfile",
    )
    .action((file: string) => packFaildrill(file));
}

/** Folders of the images that the shipped labs use. */
const ownImages = (): string[] =>
  readdirSync(packageFile('labs/images'))
    .map((name) => packageFile(join('labs/images', name)))
    .filter((folder) => existsSync(join(folder, 'Dockerfile')));
