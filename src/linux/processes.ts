import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process as the host's /proc shows it. */
export interface ProcessInfo {
  /** PID in each namespace from the one that /proc belongs to inwards. */
  pids: number[];
  /** Name that the kernel knows it by: 15 characters at most. */
  name: string;
  /** Arguments, joined by spaces; empty for a zombie. */
  commandLine: string;
  /** State letter of proc(5): R, S, D, T, Z... */
  state: string;
  /** Start time in clock ticks since boot: with the PID it names a process for good. */
  started: string;
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended meanwhile.
    return undefined;
  }
};

const link = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};

/** Name of a process's PID namespace, `pid:[4026531836]`. */
export const pidNamespaceOf = (pid: number | string): string | undefined => link(`/proc/${pid}/ns/pid`);

/** What proc_pid_stat(5) says of a process: its name, and the fields after it by their number. */
export function parseStat(stat: string): { name: string; field: (number: number) => string } {
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  return {
    name: stat.slice(stat.indexOf('(') + 1, end),
    field: (number) => fields[number - 3] ?? '',
  };
}

/** What /proc says of one process, or nothing where it is gone. */
export function inspectProcess(pid: number | string): ProcessInfo | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const status = read(`/proc/${pid}/status`);
  const commandLine = read(`/proc/${pid}/cmdline`);
  if (stat === undefined || status === undefined || commandLine === undefined) return undefined;
  const { name, field } = parseStat(stat);
  return {
    pids: (/^NSpid:\s*(.*)$/m.exec(status)?.[1] ?? String(pid)).split(/\s+/).map(Number),
    name,
    commandLine: commandLine.replace(/\0+$/, '').replaceAll('\0', ' '),
    state: field(3),
    started: field(22),
  };
}

/** All live processes of a PID namespace, those of namespaces inside it left out. */
export const processesOf = (pidNamespace: string): ProcessInfo[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && pidNamespaceOf(entry) === pidNamespace)
    .map(inspectProcess)
    .filter((info) => info !== undefined)
    .filter(({ state }) => state !== 'Z');
