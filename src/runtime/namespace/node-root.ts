import { existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  bindMount,
  changeRoot,
  dropOldRoot,
  listMounts,
  makeDevice,
  makeOpaque,
  mount,
  mountOverlay,
} from '../../linux/mounts.js';
import type { NodePlan } from './plan.js';

/** Types of file system whose mounts below / belong to the machine's root; the rest are the kernel's or a container engine's. */
const DISK_TYPES = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'zfs', 'bcachefs', 'overlay']);

/** Places that a node gets anew, whatever the machine has there. */
const FRESH = ['/proc', '/sys', '/dev', '/run', '/tmp'];

/** What a device node is: name, major and minor number (Documentation/admin-guide/devices.txt). */
const DEVICES: [string, number, number][] = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
  ['net/tun', 10, 200],
];

const isFolder = (path: string) => lstatSync(path).isDirectory();
const inside = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

/** Folders of a machine that are worth a view of their own because another disk is mounted there. */
export const diskMounts = (hidden: readonly string[]): string[] =>
  listMounts()
    .filter(({ path, type }) => path !== '/' && DISK_TYPES.has(type) && existsSync(path) && isFolder(path))
    .map(({ path }) => path)
    .filter((path) => ![...FRESH, ...hidden].some((other) => inside(path, other)));

/**
 * The private view that a node has of the machine's file system: what it writes lands in `state`, which outlives a power cycle as a
 * disk does.
 */
export class NodeRoot {
  readonly #state: string;
  readonly #plan: NodePlan;
  readonly #disks: readonly string[];

  /**
   * @param state folder of this node on a tmpfs
   * @param disks further mount points of the machine to show
   * @param hidden what no node sees
   */
  constructor(options: {
    state: string;
    plan: NodePlan;
    disks: readonly string[];
    hidden: readonly string[];
  }) {
    const { state, plan, disks, hidden } = options;
    this.#state = state;
    this.#plan = plan;
    this.#disks = disks;
    for (const folder of ['upper', 'work', 'root', 'disks'])
      mkdirSync(join(state, folder), { recursive: true });
    for (const path of [...hidden, ...plan.emptied]) this.#conceal(path);
    this.#write('/etc/hostname', `${plan.hostname}\n`);
    this.#write('/etc/hosts', `127.0.0.1 localhost ${plan.hostname}\n::1 localhost ip6-localhost\n`);
    if (plan.resolver !== undefined) this.#write('/etc/resolv.conf', plan.resolver);
  }

  #write(path: string, text: string) {
    writeFileSync(join(this.#parent(path), path.split('/').at(-1)!), text);
  }

  /** The folder of the upper layer that a path lies in, made with the modes that the machine's folders have. */
  #parent(path: string): string {
    const upper = join(this.#state, 'upper');
    let at = '';
    for (const part of dirname(path).split('/').filter(Boolean)) {
      at += `/${part}`;
      if (!existsSync(upper + at))
        mkdirSync(upper + at, { mode: existsSync(at) ? lstatSync(at).mode : 0o755 });
    }
    return join(upper, dirname(path));
  }

  #conceal(path: string) {
    if (!existsSync(path) || this.#disks.some((disk) => inside(path, disk))) return;
    if (!isFolder(path)) return this.#write(path, '');
    const target = join(this.#parent(path), path.split('/').at(-1)!);
    mkdirSync(target, { recursive: true, mode: lstatSync(path).mode });
    makeOpaque(target);
  }

  /** Makes the view and changes the calling thread's root to it. The thread must be in a mount namespace made for it. */
  enter(): void {
    const root = join(this.#state, 'root');
    const [upper, work] = [join(this.#state, 'upper'), join(this.#state, 'work')];
    mountOverlay({ lower: '/', upper, work, target: root });
    for (const [index, disk] of this.#disks.entries()) {
      const folder = join(this.#state, 'disks', String(index));
      const layers = { upper: join(folder, 'upper'), work: join(folder, 'work') };
      for (const layer of Object.values(layers)) mkdirSync(layer, { recursive: true });
      mountOverlay({ lower: disk, ...layers, target: root + disk });
    }
    changeRoot(root);
    mount('sysfs', '/sys', { readOnly: true });
    mount('tmpfs', '/run', { options: 'mode=755' });
    mount('tmpfs', '/tmp', { options: 'mode=1777' });
    mkdirSync('/run/lock', { mode: 0o1777 });
    makeDevices();
    for (const { source, target, readOnly } of this.#plan.binds) {
      makeMountPoint(target, isFolder(`/.old${source}`));
      bindMount(`/.old${source}`, target, { readOnly });
    }
    dropOldRoot();
  }
}

function makeDevices() {
  mount('tmpfs', '/dev', { options: 'mode=755' });
  for (const folder of ['net', 'pts', 'shm']) mkdirSync(`/dev/${folder}`);
  for (const [name, major, minor] of DEVICES) makeDevice(`/dev/${name}`, major, minor);
  mount('devpts', '/dev/pts', { options: 'newinstance,ptmxmode=0666,mode=620,gid=5' });
  mount('tmpfs', '/dev/shm', { options: 'mode=1777' });
  symlinkSync('pts/ptmx', '/dev/ptmx');
  symlinkSync('/proc/self/fd', '/dev/fd');
  for (const [number, name] of ['stdin', 'stdout', 'stderr'].entries()) {
    symlinkSync(`/proc/self/fd/${number}`, `/dev/${name}`);
  }
}

function makeMountPoint(path: string, folder: boolean) {
  if (existsSync(path)) return;
  mkdirSync(folder ? path : dirname(path), { recursive: true });
  if (!folder) writeFileSync(path, '');
}
