import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStat } from './processes.js';

/** What the processes that one /proc shows use together. */
export interface Usage {
  /**
   * Processor time since they started, nanoseconds: of those that live, and of their children that ended and were waited for. A tick of
   * 10 ms a process may be missing; what ended without being waited for is.
   */
  processor: number;
  /** Time that their threads were ready to run and had no processor, added up, nanoseconds; of threads that live. */
  waited: number;
  /** Memory of their own, bytes: files that they only map are left out. */
  memory: number;
  /** How many daemons have run for a second or more, by the name that the kernel knows them by. */
  daemons: Record<string, number>;
}

/** Clock ticks a second in /proc on every architecture that Node runs on (USER_HZ). */
const TICKS = 100;

/**
 * Whether a process is a daemon: it leads a session, or its parent is the first process, which adopts those that go to the background. What
 * was started from outside has no parent here.
 */
const isDaemon = (pid: number, parent: number, session: number) =>
  pid !== 1 && parent !== 0 && (session === pid || parent === 1);

/**
 * Reads what the processes of a PID namespace use.
 * @param proc its /proc
 */
export function readUsage(proc: string): Usage {
  const usage: Usage = { processor: 0, waited: 0, memory: 0, daemons: {} };
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  for (const entry of readdirSync(proc)) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      add(usage, pid, readFileSync(join(proc, entry, 'stat'), 'latin1'), uptime);
      const anonymous = /^RssAnon:\s+(\d+)/m.exec(readFileSync(join(proc, entry, 'status'), 'latin1'));
      usage.memory += Number(anonymous?.[1] ?? 0) * 1024;
      usage.waited += waitedBy(join(proc, entry, 'task'));
    } catch {
      // It ended meanwhile.
    }
  }
  return usage;
}

/** What the threads in a process' folder of tasks waited for a processor; see schedstat in the kernel's documentation. */
function waitedBy(tasks: string): number {
  return readdirSync(tasks)
    .map((task) => readFileSync(join(tasks, task, 'schedstat'), 'latin1').split(' ')[1])
    .reduce((sum, waited) => sum + Number(waited), 0);
}

function add(usage: Usage, pid: number, stat: string, uptime: number): void {
  const { name, field } = parseStat(stat);
  const number = (index: number) => Number(field(index));
  // The state is field 3; utime to cstime are 14 to 17.
  usage.processor += ((number(14) + number(15) + number(16) + number(17)) / TICKS) * 1e9;
  const age = uptime - number(22) / TICKS;
  if (field(3) !== 'Z' && age >= 1 && isDaemon(pid, number(4), number(6)))
    usage.daemons[name] = (usage.daemons[name] ?? 0) + 1;
}
