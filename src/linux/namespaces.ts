import { closeSync, openSync } from 'node:fs';
import { call } from './libc.js';

const CLONE_FS = 0x200;

/** Kinds of namespace that a node has of its own, with their clone(2) flags. */
const flags = {
  mnt: 0x00020000,
  uts: 0x04000000,
  ipc: 0x08000000,
  pid: 0x20000000,
  net: 0x40000000,
} as const;

/** Kind of namespace, spelt as in /proc/PID/ns. */
export type NamespaceKind = keyof typeof flags;

/** A file descriptor for each of some namespaces of a node. */
export type Namespaces = Partial<Record<NamespaceKind, number>>;

const fileOf = (kind: NamespaceKind) => (kind === 'pid' ? 'pid_for_children' : kind);

/** Opens the calling thread's own namespaces. Needs /proc. */
export function openOwn<K extends NamespaceKind>(kinds: readonly K[]): Record<K, number> {
  const own = {} as Record<K, number>;
  for (const kind of kinds) own[kind] = openSync(`/proc/thread-self/ns/${fileOf(kind)}`, 'r');
  return own;
}

/**
 * Gives the calling thread a root and working directory of its own. Without it a thread of a process with several
 * threads may not change its mount namespace.
 */
export const ownFileSystemContext = (): void => void call('unshare', CLONE_FS);

/** Puts the calling thread in new namespaces. */
export const unshare = (kinds: readonly NamespaceKind[]): void =>
  void call(
    'unshare',
    kinds.reduce((sum, kind) => sum | flags[kind], 0),
  );

// The mount namespace comes last: after it /proc may be another one.
const order: readonly NamespaceKind[] = ['net', 'uts', 'ipc', 'pid', 'mnt'];

/** Puts the calling thread in the given namespaces. */
export function enter(namespaces: Namespaces): void {
  for (const kind of order) {
    const descriptor = namespaces[kind];
    if (descriptor !== undefined) call('setns', descriptor, flags[kind]);
  }
}

/**
 * Runs something synchronous with the calling thread in other namespaces, and comes back.
 * @param home the thread's own namespaces, of the same kinds
 */
export function inside<T>(
  { namespaces, home }: { namespaces: Namespaces; home: Namespaces },
  act: () => T,
): T {
  const back = Object.fromEntries(
    order.filter((kind) => namespaces[kind] !== undefined).map((kind) => [kind, home[kind]]),
  ) as Namespaces;
  try {
    enter(namespaces);
    return act();
  } finally {
    enter(back);
  }
}

/**
 * Runs something synchronous inside a network namespace given by path (`/proc/PID/fd/N`, `/proc/PID/ns/net`), on any
 * thread of any process that is allowed to.
 */
export function insideNetwork<T>(path: string, act: () => T): T {
  const home = openOwn(['net']);
  const target = openSync(path, 'r');
  try {
    return inside({ namespaces: { net: target }, home }, act);
  } finally {
    closeSync(target);
    closeSync(home.net);
  }
}
