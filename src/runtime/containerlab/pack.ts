import { relative, resolve } from 'node:path';
import { execa } from 'execa';
import { packageFile } from '../../paths.js';
import { CannotRun } from '../errors.js';

/** Where faildrill is in an image. */
const PLACE = 'opt/faildrill';

/**
 * Packs faildrill as it is installed here, with the packages that it needs to run, as a layer of an image.
 * @param file compressed tar to write; its files lie below `opt/faildrill`
 * @param root folder of the package
 * @throws CannotRun where npm does not find all that it needs
 */
export async function packFaildrill(file: string, root = packageFile('.')): Promise<void> {
  const own = JSON.parse(await npm(root, ['pack', '--dry-run', '--json', '--ignore-scripts'])) as [
    { files: { path: string }[] },
  ];
  const needed = (await npm(root, ['ls', '--all', '--omit=dev', '--parseable']))
    .split('\n')
    .map((path) => relative(root, path))
    .filter((path) => path.startsWith('node_modules/'));
  // A package's own folder has those that only it needs.
  const outer = needed.filter((path) => !needed.some((other) => path.startsWith(`${other}/`)));
  const names = [...own[0].files.map(({ path }) => path), ...outer];
  const shape = ['--numeric-owner', '--owner=0', '--group=0', '--sort=name'];
  // Hard links, which builds of native modules leave, move with what they name; symbolic links are relative.
  await execa(
    'tar',
    ['-C', root, ...shape, '--transform', `flags=rh;s,^,${PLACE}/,`, '-czf', resolve(file), '-T', '-'],
    { input: names.join('\n') },
  );
}

async function npm(root: string, argv: string[]): Promise<string> {
  try {
    return (await execa('npm', argv, { cwd: root })).stdout;
  } catch (error) {
    throw new CannotRun(`npm ${argv[0]} fails in ${root}: ${(error as Error).message}`, { cause: error });
  }
}
