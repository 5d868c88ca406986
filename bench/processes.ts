import { readdirSync, readFileSync } from 'node:fs';
import { sum } from './statistics.js';

/** A file's text; none where it is gone, as files of processes may be. */
export function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A size in /proc/PID/status, megabytes; nothing where the process is gone. */
export function statusOf(pid: number, key: 'VmRSS' | 'VmHWM'): number | undefined {
  const [, kibibytes] = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`)) ?? [];
  return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
}

/** Kernel threads descend from this one. */
const KERNEL = 2;

interface Process {
  pid: number;
  parent: number;
  /** Processor time of all its threads, and of its children that have ended, seconds. */
  seconds: number;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      // After the name, which may hold anything: state, parent, ... see proc(5).
      const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ');
      if (fields.length < 15) return [];
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      return [{ pid: Number(pid), parent: Number(fields[1]), seconds: ticks / 100 }];
    });
}

/** All processes that descend from one. */
export function descendants(ancestor: number): number[] {
  const all = processes();
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent === ancestor || (parent !== undefined && parent > 1 && isBelow(parent));
  };
  return all.map(({ pid }) => pid).filter(isBelow);
}

/** Processor time that processes other than this one, its descendants and the kernel's threads have had, by PID; seconds. */
export function timesOfOthers(): Map<number, number> {
  const ours = new Set([process.pid, ...descendants(process.pid), KERNEL, ...descendants(KERNEL)]);
  return new Map(processes().flatMap(({ pid, seconds }) => (ours.has(pid) ? [] : [[pid, seconds]])));
}

/** What they have had since. One that has ended is in its parent's time, with all that it ever had. */
export const timeOfOthersSince = (before: ReadonlyMap<number, number>): number =>
  sum([...timesOfOthers().values()]) - sum([...before.values()]);

/** Processor time that a process and its children that have ended have had, seconds; NaN where it is gone. */
export const processorSecondsOf = (pid: number): number =>
  processes().find((one) => one.pid === pid)?.seconds ?? Number.NaN;
