import { openSync, readFileSync, readSync } from 'node:fs';
import { call, SystemError } from './libc.js';

const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
const PR_SET_TIMERSLACK = 29;
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/** Real-time priority of the instruments: above the gateways' own daemons, below the kernel's threads. */
const PRIORITY = 40;

/**
 * Makes the calling thread punctual: timers without slack and, where it is permitted, SCHED_FIFO.
 * @returns how it will be scheduled, for the recording
 */
export function becomePunctual(): 'fifo' | 'normal' {
  call('prctl', PR_SET_TIMERSLACK, 1, 0, 0, 0);
  return schedule(SCHED_FIFO, PRIORITY) ? 'fifo' : 'normal';
}

/** Runs something short, that must start no process, with real-time priority where that is permitted. */
export function urgently<T>(act: () => T): T {
  const isUrgent = schedule(SCHED_FIFO, PRIORITY);
  try {
    return act();
  } finally {
    if (isUrgent) schedule(SCHED_OTHER, 0);
  }
}

/** The processors that the calling thread may run on. */
export function ownProcessors(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/thread-self/status', 'latin1'))?.[1];
  return (list?.split(',') ?? []).flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Keeps the calling thread on a processor; false where that is not permitted. */
export function stayOn(processor: number): boolean {
  const mask = Buffer.alloc(8 * (1 + Math.floor(processor / 64)));
  mask[processor >> 3] = 1 << (processor & 7);
  return permitted(() => call('sched_setaffinity', 0, mask.length, mask));
}

/** Sets how the calling thread is scheduled; false where that is not permitted. */
function schedule(policy: number, priority: number): boolean {
  const parameter = Buffer.alloc(4);
  parameter.writeInt32LE(priority);
  return permitted(() => call('sched_setscheduler', 0, policy, parameter));
}

function permitted(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}

/** Has the kernel kill this process when its parent ends. */
export const dieWithParent = (): void => void call('prctl', PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

/** What a thread has had of the processors, nanoseconds. */
export interface ThreadTime {
  /** Time on a processor. */
  run: number;
  /** Time it was ready to run and had to wait for a processor. */
  waited: number;
}

/** Reads the calling thread's run and waiting time; it must be called on the thread that made the meter. */
export class ThreadMeter {
  readonly #file = openSync('/proc/thread-self/schedstat', 'r');
  readonly #buffer = Buffer.alloc(64);
  read(): ThreadTime {
    const length = readSync(this.#file, this.#buffer, 0, 64, 0);
    const [run = '0', waited = '0'] = this.#buffer.toString('latin1', 0, length).split(' ');
    return { run: Number(run), waited: Number(waited) };
  }
}
