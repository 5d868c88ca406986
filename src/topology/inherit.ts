import type { RawNode, RawTopology } from './schema.js';

/** A node's definition on each level, weakest first: defaults, its kind, its group, itself. */
export interface Levels {
  kind: string;
  levels: RawNode[];
}

const EMPTY: RawNode = {};

/**
 * Finds the levels that a node inherits from, by containerlab's rules: the kind comes from the node, its group or the defaults; the
 * group from the node, its kind or the defaults.
 */
export function levelsOf({ topology }: RawTopology, name: string): Levels {
  const own = topology.nodes[name] ?? EMPTY;
  const defaults = topology.defaults ?? EMPTY;
  const groupNamed = (group: string | undefined) => (group && topology.groups?.[group]) || EMPTY;
  const kind =
    own.kind ?? groupNamed(own.group).kind ?? groupNamed(defaults.group).kind ?? defaults.kind ?? 'linux';
  const ofKind = topology.kinds?.[kind] ?? EMPTY;
  const ofGroup = groupNamed(own.group ?? ofKind.group ?? defaults.group);
  return { kind, levels: [defaults, ofKind, ofGroup, own] };
}

/** The strongest level's value. */
export function strongest<K extends keyof RawNode>(levels: readonly RawNode[], key: K): RawNode[K] {
  return levels.findLast((level) => level[key] !== undefined && level[key] !== '')?.[key];
}

/** Lists of all levels, weakest first, each value once. */
export function joined(levels: readonly RawNode[], key: 'exec' | 'binds' | 'env-files'): string[] {
  return [...new Set(levels.flatMap((level) => level[key] ?? []))];
}

/** Maps of all levels, stronger levels winning. */
export function merged(
  levels: readonly RawNode[],
  key: 'env' | 'labels' | 'sysctls',
): Record<string, string> {
  return Object.assign({}, ...levels.map((level) => level[key] ?? {}));
}
