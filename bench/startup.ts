import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Clock, type Event, loadScenario, namespaceRuntime, readRecording } from 'faildrill';
import { median } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const ROUNDS = 5;

/** Seconds. */
const MOST_BEYOND = 3;
const MOST_TEARDOWN = 0.5;

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const SCENARIO = file('scenarios/dual-isp-wireguard/primary-isp-cut.drill.yml');

/** How long a lab of nine nodes with WireGuard, OSPF and BFD takes until a drill can begin, and to go down. */
export async function startup(): Promise<Row[]> {
  const rounds: (Drill & Daemons)[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push({ ...(await drill()), ...(await daemons()) });
  const lines = rounds.map((round) => [
    round.total,
    round.daemons,
    round.total - round.daemons,
    round.building,
    round.teardown,
  ]);
  const head = ['run to steady', 'daemons', 'beyond', 'building', 'down'];
  console.log(`${markdown(
    head,
    lines.map((line) => line.map(seconds)),
  )}\n
run to steady: from starting "faildrill run" to the decision that the steady state has been reached (nothing lost for 2 s, BFD up, sessions open).
daemons: from the first gateway's first process to OSPF's routes and both BFD sessions, in a lab without a drill, looked at every 50 ms.
building: faildrill's own work, from the plan of the lab to that first process.\n`);
  const beyond = median(rounds.map(({ total }) => total)) - median(rounds.map(({ daemons }) => daemons));
  const teardown = Math.max(...rounds.map(({ teardown }) => teardown));
  return [
    {
      what: 'dual-isp-wireguard, run to steady state, beyond what its daemons need',
      target: `<= ${MOST_BEYOND} s`,
      measured: `${seconds(beyond)} s (of ${seconds(median(rounds.map(({ total }) => total)))} s)`,
      ok: beyond <= MOST_BEYOND,
    },
    {
      what: `dual-isp-wireguard, taking down (slowest of ${ROUNDS})`,
      target: `<= ${MOST_TEARDOWN} s`,
      measured: `${seconds(teardown)} s`,
      ok: teardown <= MOST_TEARDOWN,
    },
  ];
}

const seconds = (value: number) => value.toFixed(2);

/** Seconds from the start of the command to its steady state. */
interface Drill {
  total: number;
}

/** Runs the real drill up to its steady state. */
async function drill(): Promise<Drill> {
  using folder = temporaryFolder();
  const start = Date.now();
  const command = [file('dist/cli/main.js'), 'run', SCENARIO, '--out', folder.path];
  // A drill ends with its parent's interest in it; where this process is killed, the lab must go too.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', process.execPath, ...command], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  let steady: number | undefined;
  while (steady === undefined && child.exitCode === null) {
    await sleep(20);
    steady = steadyAt(folder.path);
  }
  child.kill('SIGINT');
  await ended;
  if (steady === undefined) throw new Error('the drill never became steady');
  return { total: (steady - start) / 1000 };
}

/** When a drill became steady, milliseconds since 1970; nothing where it has not yet. */
function steadyAt(reports: string): number | undefined {
  const recordings = readdirSync(reports).map((name) => join(reports, name, 'recording.ndjson'));
  const [path] = recordings.filter((path) => existsSync(path) && readFileSync(path).length > 0);
  if (path === undefined) return undefined;
  let start = 0;
  for (const event of readRecording(path) as Iterable<Event>) {
    if (event.k === 'recording') start = Date.parse(event.anchor.wall);
    if (event.k === 'steady' && event.failed === undefined) return start + event.t / 1e6;
  }
  return undefined;
}

/** Seconds that the parts take without a drill. */
interface Daemons {
  daemons: number;
  building: number;
  teardown: number;
}

/** What shows that a gateway has all that it waits for: routes of OSPF and two BFD sessions. */
const READY = `[ "$(ip route show proto ospf | wc -l)" -gt 0 ] && [ "$(vtysh -c 'show bfd peers brief' | grep -c ' up ')" = 2 ]`;

/** Brings the same lab up, without a drill. */
async function daemons(): Promise<Daemons> {
  const { topology } = loadScenario(SCENARIO);
  const clock = new Clock();
  const planned = uptime();
  await using lab = await namespaceRuntime.deploy({ topology, clock });
  const gateways = ['hq', 'branch'].map((name) => lab.nodes.get(name)!);
  const started = await Promise.all(
    gateways.map(async (node) =>
      Math.min(...(await node.processes()).map(({ started }) => Number(started) / 100)),
    ),
  );
  for (const node of gateways)
    while ((await node.run({ argv: ['sh', '-c', READY] })).code !== 0) await sleep(50);
  const ready = uptime();
  const down = performance.now();
  await lab[Symbol.asyncDispose]();
  return {
    daemons: ready - Math.min(...started),
    building: Math.min(...started) - planned,
    teardown: (performance.now() - down) / 1000,
  };
}

/** Seconds since the machine's start, to 10 ms as the start times of processes. */
const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
