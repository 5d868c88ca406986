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

/** Seconds. */
interface Times {
  up: number;
  down: number;
}

/** A large lab of idle nodes beside the same of Mininet, by turns. */
export async function scale(): Promise<Row[]> {
  using folder = temporaryFolder();
  const topology = writeIdleLab(folder.path);
  const rounds: { ours: Times; mininet: Times }[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({ ours: await faildrill(topology), mininet: await mininet() });
  const lines = rounds.map(({ ours, mininet }) =>
    [ours.up, mininet.up, ours.down, mininet.down].map((value) => value.toFixed(2)),
  );
  const head = ['faildrill up', 'Mininet up', 'faildrill down', 'Mininet down'];
  console.log(
    `seconds; down: until all processes are gone (with both the kernel takes namespaces apart behind them):\n\n${markdown(head, lines)}\n`,
  );
  return (['up', 'down'] as const).map((way) => {
    const [ours, theirs] = (['ours', 'mininet'] as const).map((who) =>
      median(rounds.map((round) => round[who][way])),
    );
    const ratio = theirs! / ours!;
    return {
      what: `${NODES} nodes, ${LINKS} links, ${way}: times as fast as Mininet`,
      target: `>= ${LEAST_RATIO}`,
      measured: `${ratio.toFixed(1)} (${ours!.toFixed(2)} s, ${theirs!.toFixed(2)} s)`,
      ok: ratio >= LEAST_RATIO,
    };
  });
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

async function mininet(): Promise<Times> {
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [SCRIPT, String(NODES), String(LINKS)]);
  return JSON.parse(stdout) as Times;
}
