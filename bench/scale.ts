import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Clock, loadTopology, namespaceRuntime } from 'faildrill';
import { LINKS, NODES, writeIdleLab } from './idle-lab.js';
import { median } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const ROUNDS = 5;
const LEAST_RATIO = 2;

/** Nodes; links are twice as many. */
const SIZES = [10, 50, 100, 200];
const LARGEST = 200;

/** Seconds that the largest may take to come up. */
const MOST_UP = 2;

/** Seconds. */
interface Times {
  up: number;
  down: number;
}

interface Size {
  nodes: number;
  links: number;
}

/** Large labs of idle nodes beside the same of Mininet, by turns. */
export async function scale(): Promise<Row[]> {
  using folder = temporaryFolder();
  const all = new Map<number, { ours: Times; mininet: Times }>();
  for (const nodes of SIZES) {
    const size = { nodes, links: 2 * nodes };
    const topology = writeIdleLab(folder.path, size);
    const rounds: { ours: Times; mininet: Times }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ ours: await faildrill(topology), mininet: await mininet(size) });
    const of = (who: 'ours' | 'mininet'): Times => ({
      up: median(rounds.map((round) => round[who].up)),
      down: median(rounds.map((round) => round[who].down)),
    });
    all.set(nodes, { ours: of('ours'), mininet: of('mininet') });
  }
  const lines = [...all].map(([nodes, { ours, mininet }]) => [
    `${nodes}, ${2 * nodes}`,
    ...[ours.up, mininet.up, ours.down, mininet.down].map((value) => value.toFixed(2)),
    ((ours.up / nodes) * 1000).toFixed(1),
  ]);
  const head = [
    'nodes, links',
    'faildrill up',
    'Mininet up',
    'faildrill down',
    'Mininet down',
    'faildrill up, ms a node',
  ];
  console.log(
    `seconds, medians of ${ROUNDS}; down: until all processes are gone (with both the kernel takes namespaces apart behind them):\n\n${markdown(head, lines)}\n`,
  );
  const { ours, mininet: theirs } = all.get(NODES)!;
  const largest = all.get(LARGEST)!.ours.up;
  return [
    ...(['up', 'down'] as const).map((way) => {
      const ratio = theirs[way] / ours[way];
      return {
        what: `${NODES} nodes, ${LINKS} links, ${way}: times as fast as Mininet`,
        target: `>= ${LEAST_RATIO}`,
        measured: `${ratio.toFixed(1)} (${ours[way].toFixed(2)} s, ${theirs[way].toFixed(2)} s)`,
        ok: ratio >= LEAST_RATIO,
      };
    }),
    {
      what: `${LARGEST} nodes, ${2 * LARGEST} links, up`,
      target: `<= ${MOST_UP} s`,
      measured: `${largest.toFixed(2)} s`,
      ok: largest <= MOST_UP,
    },
  ];
}

async function faildrill(topology: string): Promise<Times> {
  const read = loadTopology(topology);
  const start = performance.now();
  await using lab = await namespaceRuntime.deploy({ topology: read, clock: new Clock() });
  const up = performance.now();
  await lab[Symbol.asyncDispose]();
  return { up: (up - start) / 1000, down: (performance.now() - up) / 1000 };
}

/** Mininet's hosts and links by its own Python interface; what it takes to start Python is not counted. */
const SCRIPT = fileURLToPath(new URL('../../bench/with_mininet.py', import.meta.url));

async function mininet({ nodes, links }: Size): Promise<Times> {
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [SCRIPT, String(nodes), String(links)]);
  return JSON.parse(stdout) as Times;
}
