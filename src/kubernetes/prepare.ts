import { posix } from 'node:path';
import { commonFolder, fromRoot, packed, partName, parts } from './bundle.js';
import { PATHS } from './names.js';
import { ORDER, type Order, orderBytes } from './order.js';

/**
 * What travels to the pods of a run, as the contents of its ConfigMaps: the order, and the files in parts.
 * @param files absolute paths of all that the drills need
 * @param cwd folder that the command is given in; paths keep their places relative to it
 * @param beside other paths whose places relative to it matter
 * @returns with the folder in a pod that stands for `cwd`
 * @throws InvalidInput where that is more than a run may have
 */
export async function luggage({
  order,
  files,
  cwd,
  beside = [],
}: {
  order: Omit<Order, 'version' | 'folder'>;
  files: readonly string[];
  cwd: string;
  beside?: readonly string[];
}): Promise<{ contents: Map<string, Buffer>; folder: string }> {
  const root = commonFolder([...files, cwd, ...beside]);
  const folder = fromRoot(root, cwd);
  const pieces = parts(await packed(files, root), { files });
  const contents = new Map([
    [ORDER, orderBytes({ ...order, folder })],
    ...pieces.map((piece, index): [string, Buffer] => [partName(index), piece]),
  ]);
  return { contents, folder: posix.join(PATHS.files, folder) };
}
