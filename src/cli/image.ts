import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { packageFile } from '../paths.js';
import { buildImage } from '../runtime/containerlab/build-image.js';

/** `faildrill image`: images for the containerlab runtime, where there is no registry. */
export function addImage(program: Command): void {
  const image = program.command('image').description('images for the containerlab runtime');
  image
    .command('build')
    .argument(
      '[folder...]',
      'folders with a Dockerfile that starts from Debian; those of the shipped labs without one',
    )
    .option('--mirror <url>', "Debian's archive, instead of debootstrap's own choice")
    .description('build images without a registry, by debootstrap and docker import')
    .action(async (folders: string[], { mirror }: { mirror?: string }) => {
      for (const folder of folders.length > 0 ? folders : ownImages()) {
        const { tag, id } = await buildImage({ folder, mirror, say: (line) => console.log(pc.dim(line)) });
        console.log(`${pc.green('✓')} ${pc.bold(tag)} ${pc.dim(id)}`);
      }
    });
}

/** Folders of the images that the shipped labs use. */
const ownImages = (): string[] =>
  readdirSync(packageFile('labs/images'))
    .map((name) => packageFile(join('labs/images', name)))
    .filter((folder) => existsSync(join(folder, 'Dockerfile')));
