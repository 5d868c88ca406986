import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Clock, loadScenario, namespaceRuntime, readRecording } from 'faildrill';
import { median } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const ROUNDS = 5;

/** Seconds. */
const MOST_BEYOND = 3;
const MOST_TEARDOWN = 0.5;

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const LAB = file('labs/dual-isp-wireguard');
const SCENARIO = file('scenarios/dual-isp-wireguard/primary-isp-cut.drill.yml');

/** Copies the lab and the scenario under another name, beside which the real ones may be up; returns the scenario's path. */
function copyScenario(folder: string): string {
  cpSync(LAB, join(folder, 'lab'), { recursive: true });
  const topology = join(folder, 'lab/dual-isp-wireguard.clab.yml');
  writeFileSync(topology, readFileSync(topology, 'utf8').replace(/^name: /m, '$&bench-'));
  const scenario = join(folder, 'startup.drill.yml');
  writeFileSync(scenario, readFileSync(SCENARIO, 'utf8').replace(/^lab: .*$/m, 'lab: lab'));
  return scenario;
}

/** How long a lab of nine nodes with WireGuard, OSPF and BFD takes until a drill can begin, and to go down. */
export async function startup(): Promise<Row[]> {
  using folder = temporaryFolder();
  const scenario = copyScenario(folder.path);
  const rounds: (Drill & Daemons)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const reports = join(folder.path, String(round));
    mkdirSync(reports);
    rounds.push({ ...(await drill(scenario, reports)), ...(await daemons(scenario)) });
  }
  const lines = rounds.map((round) => [
    round.total,
    round.daemons,
    round.total - round.daemons,
    round.loading,
    round.deploying,
    round.building,
    round.teardown,
  ]);
  const head = ['run to steady', 'daemons', 'beyond', 'loading', 'deploying', 'building', 'down'];
  console.log(`${markdown(
    head,
    lines.map((line) => line.map(seconds)),
  )}\n
run to steady: from starting "faildrill run" to the decision that the steady state has been reached (nothing lost for 2 s, BFD up, sessions open).
daemons: from the first gateway's first process to OSPF's routes and both BFD sessions, in a lab without a drill, looked at every 50 ms.
loading: from starting the command to the first thing that is done for the lab.
deploying: from there until all nodes have run their commands; some wait for the daemons of others, as the topology says.
building: of that faildrill's own work, from the plan of the lab to the first gateway's first process.\n`);
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

/** Seconds that the parts of a drill take. */
interface Drill {
  /** From the start of the command to its steady state. */
  total: number;
  loading: number;
  deploying: number;
}

/** Runs the real drill up to its steady state. */
async function drill(scenario: string, reports: string): Promise<Drill> {
  const start = Date.now();
  const command = [file('dist/cli/main.js'), 'run', scenario, '--out', reports];
  // Where this process is killed, the drill must end too.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', process.execPath, ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'exit');
  let seen: Seen | undefined;
  while (seen === undefined && child.exitCode === null) {
    await sleep(200);
    seen = steadyIn(reports);
  }
  child.kill('SIGINT');
  await ended;
  if (seen === undefined) throw new Error(`the drill never became steady: ${said}`);
  const since = (instant: number) => (seen.start - start + instant / 1e6) / 1000;
  return {
    total: since(seen.steady),
    loading: since(seen.lab.before),
    deploying: (seen.lab.after - seen.lab.before) / 1e9,
  };
}

/** What a drill's recording says: the start of its clock, milliseconds since 1970, and nanoseconds from there. */
interface Seen {
  start: number;
  lab: { before: number; after: number };
  steady: number;
}

/** What is recorded of the only drill in a folder; nothing where it is not yet steady. */
function steadyIn(reports: string): Seen | undefined {
  const recordings = readdirSync(reports).map((name) => join(reports, name, 'recording.ndjson'));
  const [path] = recordings.filter((path) => existsSync(path) && readFileSync(path).length > 0);
  if (path === undefined) return undefined;
  let start = 0;
  let lab = { before: 0, after: 0 };
  for (const event of readRecording(path)) {
    if (event.k === 'recording') start = Date.parse(event.anchor.wall);
    if (event.k === 'lab') lab = event;
    if (event.k === 'steady' && event.failed === undefined) return { start, lab, steady: event.t };
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
async function daemons(scenario: string): Promise<Daemons> {
  const { topology } = loadScenario(scenario);
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
