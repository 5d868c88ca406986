import { ensureFolder } from '../folders.js';
import { CannotRun } from '../runtime/errors.js';

/**
 * Writes to a folder, made where there is none.
 * @param hint what to do where that cannot be
 * @throws CannotRun
 */
export function writingTo<T>(folder: string, { hint }: { hint: string }, act: () => T): T {
  try {
    ensureFolder(folder);
    return act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CannotRun(`cannot write to ${folder} (${code})`, { hint, cause: error });
  }
}
