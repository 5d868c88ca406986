import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import type { Bind } from './topology.js';

/**
 * Reads `source:target[:options]`; the source is relative to the topology file, `~` is the home directory.
 * @returns the bind, or what is wrong with it
 */
export function parseBind(text: string, folder: string): Bind | string {
  const [source = '', target = '', options = ''] = text.split(':');
  if (!target) return `expected a bind as source:target or source:target:ro, not "${text}"`;
  if (!isAbsolute(target)) return `the path in the node must be absolute, not "${target}"`;
  const path = resolve(folder, source.replace(/^~(?=\/|$)/, homedir()));
  if (!existsSync(path)) return `there is no ${path} to bind`;
  const from = isAbsolute(source) ? 'root' : /^~(\/|$)/.test(source) ? 'home' : 'topology';
  return { source: path, from, target, readOnly: options.split(',').includes('ro') };
}
