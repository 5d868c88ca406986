import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock, loadTopology, namespaceRuntime } from 'faildrill';
import { NODES, writeIdleLab } from './idle-lab.js';
import { descendants, read } from './processes.js';
import { median } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const ROUNDS = 3;

/** Megabytes a node. */
const MOST = 3;

/** What memory an idle node takes: its processes, its share of the supervisor, what the kernel keeps for it. */
export async function memory(): Promise<Row[]> {
  using folder = temporaryFolder();
  const topology = loadTopology(writeIdleLab(folder.path));
  const rounds: { processes: number; kernel: number; machine: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await settled();
    await using _ = await namespaceRuntime.deploy({ topology, clock: new Clock() });
    const after = await settled();
    rounds.push({
      processes: descendants(process.pid).reduce((sum, pid) => sum + proportionalSize(pid), 0) / NODES,
      kernel: (after.kernel - before.kernel) / NODES,
      machine: (before.available - after.available) / NODES,
    });
  }
  const lines = rounds.map(({ processes, kernel, machine }) => [
    processes,
    kernel,
    processes + kernel,
    machine,
  ]);
  const head = ['processes (PSS)', 'kernel', 'both', 'less memory available'];
  console.log(
    `MB a node, of ${NODES}:\n\n${markdown(
      head,
      lines.map((line) => line.map(megabytes)),
    )}\n`,
  );
  const [both, machine] = [lines.map((line) => line[2]!), lines.map((line) => line[3]!)].map(median);
  return [
    {
      what: 'memory of an idle node, by processes and kernel / by what is less available',
      target: `<= ${MOST} MB`,
      measured: `${megabytes(both!)} / ${megabytes(machine!)} MB`,
      ok: Math.max(both!, machine!) <= MOST,
    },
  ];
}

const megabytes = (value: number) => value.toFixed(2);

/** What of /proc/meminfo is the kernel's own, or kept by it for namespaces and memory disks. */
const KERNEL = ['Slab', 'KernelStack', 'PageTables', 'SecPageTables', 'Percpu', 'VmallocUsed', 'Shmem'];

/** The machine's memory after a moment in which what was let go is given back, megabytes. */
async function settled(): Promise<{ available: number; kernel: number }> {
  await sleep(2000);
  const lines = readFileSync('/proc/meminfo', 'utf8').matchAll(/^(\w+): +(\d+) kB/gm);
  const sizes = new Map([...lines].map(([, name = '', size]) => [name, Number(size) / 1024]));
  const of = (name: string) => sizes.get(name) ?? 0;
  return { available: of('MemAvailable'), kernel: KERNEL.reduce((sum, name) => sum + of(name), 0) };
}

/** A process's memory, shared pages by their share, megabytes. */
const proportionalSize = (pid: number): number =>
  Number(/^Pss: +(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024;
