import { readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Symbolic links that may be followed on one way, as many as Linux allows. */
const MOST_LINKS = 40;

/**
 * Path of a file under another root, its symbolic links followed as a process with that root would follow them: read from here, an
 * absolute one would lead to this machine's own files.
 */
export function pathInRoot(root: string, path: string): string {
  const rest = path.split('/');
  let done: string[] = [];
  for (let links = 0; rest.length > 0; ) {
    const part = rest.shift()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done = done.slice(0, -1);
      continue;
    }
    const target = linkTarget(join(root, ...done, part));
    if (target === undefined || ++links > MOST_LINKS) {
      done.push(part);
      continue;
    }
    if (target.startsWith('/')) done = [];
    rest.unshift(...target.split('/'));
  }
  return join(root, ...done);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
