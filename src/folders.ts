import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those that it is in, where there are none. Node's own way never ends where a folder exists that nothing can be made in, as /proc.
 * @throws Error of the system, with its code
 */
export function ensureFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(path);
    if (code === 'ENOENT' && parent !== path && !isFolder(parent)) {
      ensureFolder(parent);
      ensureFolder(path);
    } else if (code !== 'EEXIST' || !isFolder(path)) throw error;
  }
}

/** Whether there is a folder. */
export const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
