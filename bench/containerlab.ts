import { Clock, loadTopology, runtimes } from 'faildrill';
import { Containerlab, ContainerlabError } from 'faildrill/containerlab';
import { writeIdleLab } from './idle-lab.js';
import { median } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const ROUNDS = 3;
const SIZE = { nodes: 10, links: 20 };

const LEAST_RATIO = 20;
/** Seconds. */
const MOST_BEYOND = 0.5;

/** A lab of namespaces, the same by containerlab itself, and by faildrill on containerlab, by turns, with its image already in Docker. */
export async function containerlab(): Promise<Row[]> {
  using folder = temporaryFolder();
  const file = writeIdleLab(folder.path, SIZE);
  const itself = await Containerlab.open().catch((error: Error) => {
    if (!(error instanceof ContainerlabError)) throw error;
    console.log(`not measured here: ${error.message}\n`);
  });
  if (!itself) return [];
  const rounds: Record<'namespace' | 'containerlab' | 'itself', number>[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({
      namespace: await faildrill('namespace', file),
      itself: await raw(itself, { file, labFolder: folder.path }),
      containerlab: await faildrill('containerlab', file),
    });
  const head = ['faildrill, namespaces', 'containerlab', 'faildrill, on containerlab'];
  const lines = rounds.map((round) =>
    [round.namespace, round.itself, round.containerlab].map((value) => value.toFixed(2)),
  );
  console.log(`seconds until the lab is up:\n\n${markdown(head, lines)}\n`);
  const [ours, theirs, both] = (['namespace', 'itself', 'containerlab'] as const).map((who) =>
    median(rounds.map((round) => round[who])),
  ) as [number, number, number];
  const lab = `${SIZE.nodes} nodes, ${SIZE.links} links`;
  return [
    {
      what: `${lab}, up in namespaces: times as fast as containerlab`,
      target: `>= ${LEAST_RATIO}`,
      measured: `${(theirs / ours).toFixed(0)} (${ours.toFixed(2)} s, ${theirs.toFixed(2)} s)`,
      ok: theirs / ours >= LEAST_RATIO,
    },
    {
      what: `${lab}, up on containerlab: beyond what containerlab takes by itself`,
      target: `<= ${MOST_BEYOND} s`,
      measured: `${(both - theirs).toFixed(2)} s (of ${both.toFixed(2)} s)`,
      ok: both - theirs <= MOST_BEYOND,
    },
  ];
}

async function faildrill(runtime: keyof typeof runtimes, file: string): Promise<number> {
  const topology = loadTopology(file);
  const start = performance.now();
  await using _ = await runtimes[runtime].deploy({ topology, clock: new Clock() });
  return (performance.now() - start) / 1000;
}

async function raw(itself: Containerlab, options: { file: string; labFolder: string }): Promise<number> {
  const { file: topology, labFolder } = options;
  const start = performance.now();
  try {
    await itself.deploy({ topology, labFolder });
    return (performance.now() - start) / 1000;
  } finally {
    await itself.destroy({ topology }, { cleanUp: true, labFolder });
  }
}
