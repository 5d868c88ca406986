import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock, loadScenario, namespaceRuntime, runDrill } from 'faildrill';
import { idleSeconds } from './machine.js';
import { PROBE, writePairScenario } from './pair.js';
import { timeOfOthersSince, timesOfOthers } from './processes.js';
import { median } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const ROUNDS = 3;
const SECONDS = 20;

/** Share of one core. */
const MOST = 0.15;

/** What probing costs: a drill that does nothing but probe, beside the same lab without one. */
export async function overhead(): Promise<Row[]> {
  using folder = temporaryFolder();
  const rounds: { idle: number; probing: number; drill: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const idle = await withoutDrill(folder.path);
    rounds.push({ idle, ...(await withDrill(folder.path)) });
  }
  const lines = rounds.map(({ idle, probing, drill }) => [idle, probing, probing - idle, drill].map(percent));
  const head = [
    'machine, lab without a drill',
    'machine, while it probes',
    'difference',
    "the drill's process",
  ];
  console.log(
    `% of one core, over ${SECONDS} s; other programs' time is taken off; what the kernel does for a packet counts for who sends it:\n`,
  );
  console.log(`${markdown(head, lines)}\n`);
  const share = median(rounds.map(({ idle, probing }) => probing - idle));
  return [
    {
      what: 'processor time of probing with 16 flows x 5 ms both ways, the whole machine',
      target: `< ${percent(MOST)} of a core`,
      measured: `${percent(share)} (the drill's process ${percent(median(rounds.map(({ drill }) => drill)))})`,
      ok: share < MOST,
    },
  ];
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** What is used in a while, in processors: by the whole machine without others' processes, and by this process. */
async function used(milliseconds: number): Promise<{ machine: number; own: number }> {
  const [idle, own, others, start] = [idleSeconds(), process.cpuUsage(), timesOfOthers(), performance.now()];
  await sleep(milliseconds);
  const seconds = (performance.now() - start) / 1000;
  const idled = idleSeconds() - idle;
  // A virtual machine's idle time may jump, back as well: what cannot be is measured again.
  if (idled < 0 || idled > 1.02 * cpus().length * seconds) return used(milliseconds);
  const busy = cpus().length * seconds - idled - timeOfOthersSince(others);
  const { user, system } = process.cpuUsage(own);
  return { machine: busy / seconds, own: (user + system) / 1e6 / seconds };
}

const SCENARIO = `probes:
  app: ${PROBE}
steady-state: [app loses nothing for 1s]
steps:
  - hold: ${SECONDS + 4}s
targets: [packets_lost(app) = 0]
`;

async function withoutDrill(folder: string): Promise<number> {
  const { topology } = loadScenario(writePairScenario(folder, 'overhead', SCENARIO));
  await using _ = await namespaceRuntime.deploy({ topology, clock: new Clock() });
  await sleep(2000);
  return (await used(SECONDS * 1000)).machine;
}

async function withDrill(folder: string): Promise<{ probing: number; drill: number }> {
  const scenario = loadScenario(writePairScenario(folder, 'overhead', SCENARIO));
  const stop = new AbortController();
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const running = runDrill({
    scenario,
    runtime: namespaceRuntime,
    reports: folder,
    signal: stop.signal,
    notice: ({ k }) => {
      if (k === 'step') begin();
    },
  });
  await Promise.race([begun, running]);
  await sleep(2000);
  const { machine, own } = await used(SECONDS * 1000);
  stop.abort();
  await running;
  return { probing: machine, drill: own };
}
