import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bind, TopologyNode } from '../../topology/topology.js';
import { hostImage, type RunningDaemon, wanted } from './images.js';

/**
 * The daemons that a node's image starts with the node's files. None are known of an image that is not one of ours, or where the node has a
 * command of its own.
 */
export function daemonsOf({ image, entrypoint, cmd, binds }: TopologyNode): RunningDaemon[] {
  const ours =
    image === undefined || entrypoint !== undefined || cmd !== undefined ? undefined : hostImage(image);
  if (!ours) return [];
  return wanted(ours, binds).flatMap(({ runs }) => runs?.((path) => textAt(binds, path)) ?? []);
}

/** A file of a node, as one of its binds has it. */
function textAt(binds: readonly Bind[], path: string): string | undefined {
  const bind = binds.findLast(({ target }) => path === target || path.startsWith(`${target}/`));
  if (!bind) return undefined;
  try {
    return readFileSync(join(bind.source, path.slice(bind.target.length)), 'utf8');
  } catch {
    return undefined;
  }
}
