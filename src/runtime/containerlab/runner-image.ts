import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../../paths.js';
import { type BuildOptions, type BuiltImage, buildImage } from './build-image.js';
import { packFaildrill } from './pack.js';

/**
 * Builds the image that drills run in on other machines, of faildrill as it is installed here: `faildrill/runner:<version>`.
 * @throws as buildImage does
 */
export async function buildRunner(options: Omit<BuildOptions, 'folder' | 'tag'>): Promise<BuiltImage> {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  const folder = mkdtempSync(join(tmpdir(), 'faildrill-runner-'));
  try {
    copyFileSync(packageFile('images/runner/Dockerfile'), join(folder, 'Dockerfile'));
    await packFaildrill(join(folder, 'faildrill.tgz'));
    return await buildImage({ ...options, folder, tag: `faildrill/runner:${version}` });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
