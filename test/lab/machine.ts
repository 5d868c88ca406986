import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { bpf, SystemError } from '../../src/linux/libc.js';
import { Memory } from '../../src/linux/memory.js';

/** What of a lab could be left on the machine. */
export interface Trace {
  networkNamespaces: string[];
  pidNamespaces: string[];
  interfaces: string[];
  mounts: string[];
  sockets: string[];
  programs: string[];
}

const link = (path: string) => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};

const state = (pid: string) => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)![0];
  } catch {
    return 'Z';
  }
};

const unique = (values: (string | undefined)[]) =>
  [...new Set(values.filter((value) => value !== undefined))].sort();

/** What there is on the machine now. */
export function trace(): Trace {
  // A process that has died and that the machine's init was slow to reap holds nothing any more.
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && state(name) !== 'Z');
  return {
    networkNamespaces: unique(pids.map((pid) => link(`/proc/${pid}/ns/net`))),
    pidNamespaces: unique(pids.map((pid) => link(`/proc/${pid}/ns/pid`))),
    interfaces: readdirSync('/sys/class/net').sort(),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[4]!)
      .sort(),
    sockets: readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .filter((line) => line.includes('@faildrill')),
    programs: programs(),
  };
}

/** Programs that are loaded into the kernel (bpf(2), BPF_PROG_GET_NEXT_ID), by their numbers, which are never used again. */
function programs(): string[] {
  const BPF_PROG_GET_NEXT_ID = 11;
  const memory = new Memory(4096);
  const found: string[] = [];
  for (let last = 0; ; last = memory.words[1]!) {
    memory.words[0] = last;
    try {
      bpf(BPF_PROG_GET_NEXT_ID, memory.address, 12);
    } catch (error) {
      if (error instanceof SystemError && error.code === 'ENOENT') return found;
      throw error;
    }
    found.push(String(memory.words[1]));
  }
}

/** Nothing is left that was not there before, within a second. */
export async function expectNothingLeft(before: Trace): Promise<void> {
  const left = () => {
    const now = trace();
    const kinds = Object.keys(before) as (keyof Trace)[];
    return kinds.flatMap((kind) =>
      now[kind].filter((item) => !before[kind].includes(item)).map((item) => `${kind}: ${item}`),
    );
  };
  for (const deadline = Date.now() + 1000; left().length > 0 && Date.now() < deadline; ) await sleep(20);
  expect(left().map((item) => `${item} of ${holders(item.slice(item.indexOf(': ') + 2))}`)).toEqual([]);
}

/** Which processes are in a namespace, for the message of a failed test. */
const holders = (namespace: string) =>
  readdirSync('/proc')
    .filter((pid) => ['net', 'pid'].some((kind) => link(`/proc/${pid}/ns/${kind}`) === namespace))
    .map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(0, 4).join(' '))
    .join(', ');
