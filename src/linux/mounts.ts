import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { call, pivot } from './libc.js';

// linux/mount.h
const MS_RDONLY = 1;
const MS_REMOUNT = 32;
const MS_BIND = 4096;
const MS_REC = 16384;
const MNT_DETACH = 2;
const S_IFCHR = 0o020000;

/** Mounts a file system of a type. */
export function mount(type: string, target: string, { options = '', readOnly = false } = {}): void {
  call('mount', type, target, type, readOnly ? MS_RDONLY : 0, options);
}

/** Shows a file or folder at a second place. */
export function bindMount(source: string, target: string, { readOnly = false } = {}): void {
  call('mount', source, target, null, MS_BIND | MS_REC, null);
  if (readOnly) call('mount', null, target, null, MS_BIND | MS_REMOUNT | MS_RDONLY, null);
}

/** Mounts a writable view of a folder: what is written goes to `upper`. All three must be on the machine already. */
export function mountOverlay({
  lower,
  upper,
  work,
  target,
}: Record<'lower' | 'upper' | 'work' | 'target', string>) {
  mount('overlay', target, { options: `lowerdir=${lower},upperdir=${upper},workdir=${work}` });
}

/** Makes a folder the root; the old root is at `/.old` until `dropOldRoot`. */
export function changeRoot(root: string): void {
  mkdirSync(`${root}/.old`, { mode: 0o700 });
  pivot(root, `${root}/.old`);
  call('chdir', '/');
}

/** Lets go of the old root. */
export function dropOldRoot(): void {
  call('umount2', '/.old', MNT_DETACH);
  rmdirSync('/.old');
}

/** Takes away what is mounted at a place in the calling thread's namespace; what lies below shows again. */
export const unmount = (path: string): void => void call('umount2', path, MNT_DETACH);

/** Marks a folder of an overlay's upper layer so that nothing of the lower one shows through. */
export const makeOpaque = (folder: string): void =>
  void call('setxattr', folder, 'trusted.overlay.opaque', Buffer.from('y'), 1, 0);

/** Creates a character device. */
export function makeDevice(path: string, major: number, minor: number): void {
  call('mknod', path, S_IFCHR | 0o666, (major << 8) | minor);
  call('chmod', path, 0o666);
}

/** A mount of the calling thread's namespace. */
export interface MountPoint {
  path: string;
  type: string;
}

/** The mounts of the calling thread's namespace. */
export const listMounts = (): MountPoint[] =>
  readFileSync('/proc/thread-self/mountinfo', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [left = '', right = ''] = line.split(' - ');
      const path = (left.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      );
      return { path, type: right.split(' ')[0] ?? '' };
    });
