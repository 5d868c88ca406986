import { setTimeout as sleep } from 'node:timers/promises';
import { analyze, type Lab, loadScenario, namespaceRuntime, readRecording, runDrill } from 'faildrill';
import {
  type Attachment,
  Clock,
  chooseEngine,
  type Impairment,
  impairment,
  type NetemEngine,
} from 'faildrill/netem';
import { busyLoops } from './busy.js';
import { idleSeconds } from './machine.js';
import { ADDRESS_OF_B, writePairScenario } from './pair.js';
import { median } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const US = 1e3;
const LINK = 'a:eth1 <-> b:eth1';

/** The impairments of the delay benchmark: loss in the kernel to compare with, none to speak of in the relay, so that only the way through it costs time, and 20 ms. */
const STEPS = `probes:
  app: { kind: udp, from: a, to: b, flows: 1, interval: 1ms, both-ways: false }
steady-state: [app loses nothing for 1s]
validation-time: 500ms
steps:
  - { inject: impair, link: "${LINK}", from: a, loss: 0.0001%, as: bare }
  - hold: 5s
  - clear: bare
  - { inject: impair, link: "${LINK}", from: a, rate: 100gbit, as: nothing }
  - hold: 5s
  - clear: nothing
  - { inject: impair, link: "${LINK}", from: a, delay: 20ms, as: slow }
  - hold: 10s
  - clear: slow
  - hold: 500ms
targets: [one_way_delay(app after bare) < 1s, delay_variation(app after bare) < 1s, one_way_delay(app after nothing) < 1s, one_way_delay(app after slow) < 1s, delay_variation(app after slow) < 1s]
`;

/** What the userspace engine adds, how exact it is, and how much it can carry. */
export async function netem(): Promise<Row[]> {
  return [...(await delays(0)), ...(await delays(2)), ...(await throughput()), ...(await many())];
}

/** Error of delays, idle and with so many processors kept busy. */
async function delays(busy: number): Promise<Row[]> {
  using folder = temporaryFolder();
  await using _ = busyLoops(busy);
  const scenario = loadScenario(writePairScenario(folder.path, 'delays', STEPS));
  const { recording } = await runDrill({
    scenario,
    runtime: namespaceRuntime,
    reports: folder.path,
    netem: 'userspace',
  });
  const result = analyze(readRecording(recording));
  const when = busy > 0 ? 'with both cores busy' : 'idle';
  const [bare, bareSpread, nothing, slow, spread] = result.targets.map(({ measured }) => measured!.value);
  const rows: Row[] = [];
  const valid = result.trials.some(({ valid }) => valid);
  if (!valid) console.log(`${when}: the drill itself says that its trial is invalid: ${result.reason}\n`);
  const add = (what: string, value: number, limit: number) =>
    rows.push({
      what: `${what}, ${when}`,
      target: `≤ ${limit / US} µs`,
      measured: `${(value / US).toFixed(1)} µs${valid ? '' : ' (invalid trial)'}`,
      ok: value <= limit,
    });
  console.log(
    `${when}: one way without an impairment ${(bare! / US).toFixed(1)} µs, median; 99th percentile ${(bareSpread! / US).toFixed(1)} µs above the shortest\n`,
  );
  add('latency that an impairment of 0 ms adds, median', nothing! - bare!, 20 * US);
  add('error of a delay of 20 ms, median', Math.abs(slow! - bare! - 20e6), 20 * US);
  // From the shortest delay to the 99th percentile; the shortest is nearest to what was asked for.
  add('error of a delay of 20 ms, 99th percentile', spread!, 50 * US);
  return rows;
}

/** A lab of two hosts with an engine on the way from a to b. */
async function attached(): Promise<{ lab: Lab; engine: NetemEngine; way: Attachment } & AsyncDisposable> {
  using folder = temporaryFolder();
  const { topology } = loadScenario(writePairScenario(folder.path, 'netem', STEPS));
  const clock = new Clock();
  const lab = await namespaceRuntime.deploy({ topology, clock });
  const kind = await chooseEngine([], 'userspace');
  const engine = await kind.start({ clock, seed: 1, late: () => {}, fail: (error) => console.error(error) });
  const way = await engine.attach({ egress: lab.links.get(LINK)!.meters[0] });
  return {
    lab,
    engine,
    way,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    },
  };
}

interface Iperf {
  end: {
    sum?: { lost_percent: number; packets: number; seconds: number };
    sum_received: { bits_per_second: number };
  };
}

async function iperf(lab: Lab, ...argv: string[]): Promise<Iperf['end']> {
  const [a, b] = [lab.nodes.get('a')!, lab.nodes.get('b')!];
  const server = b.run({ argv: ['iperf3', '--server', '--one-off'] });
  await sleep(300);
  const { stdout } = await a.run({
    argv: ['iperf3', '--client', ADDRESS_OF_B, '--json', '--time', '3', ...argv],
  });
  await server;
  return (JSON.parse(stdout) as Iperf).end;
}

/** 100 000 packets of 100 bytes a second; the receiver has room for what comes while it waits for a processor. */
const FLOOD = ['--udp', '--length', '100', '--bitrate', '80M', '--window', '4M'];

async function throughput(): Promise<Row[]> {
  await using setting = await attached();
  const { lab, way } = setting;
  const nothing: Impairment = impairment({ rate: '100gbit', limit: 30_000 });
  const gbit = async () => (await iperf(lab)).sum_received.bits_per_second / 1e9;
  const flood = async () => {
    const { seconds = 1, packets = 0, lost_percent: lost = 100 } = (await iperf(lab, ...FLOOD)).sum ?? {};
    return { rate: packets / seconds, lost };
  };
  const bareFlood = await flood();
  await way.set('x', nothing);
  const packets = await flood();
  await way.clear('x');
  // One after the other, and again, so that a neighbour on this machine bears on all alike.
  const ways: Record<string, Impairment | undefined> = {
    bare: undefined,
    alike: impairment({ delay: '1us', limit: 30_000 }),
    apart: nothing,
    gated: impairment({ loss: '0.0001%' }),
  };
  const rates: Record<string, number[]> = { bare: [], alike: [], apart: [], gated: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, it] of Object.entries(ways)) {
      if (it) await way.set('x', it);
      rates[name]!.push(await gbit());
      await way.clear('x');
    }
  const of = (name: string) => median(rates[name]!);
  const share = median(rates.alike!.map((rate, round) => rate / rates.bare![round]!));
  console.log(
    `${markdown(
      [`TCP, one connection, median of ${ROUNDS}`, 'Gbit/s'],
      [
        ['bare link', of('bare').toFixed(1)],
        ['through the relay, all delayed alike', of('alike').toFixed(1)],
        ['through the relay, packet by packet', of('apart').toFixed(1)],
        ['through a gate that loses one in a million', of('gated').toFixed(1)],
      ],
    )}\n`,
  );
  return [
    {
      what: 'TCP through the relay, all delayed alike',
      target: '≥ 20 Gbit/s, or 70 % of the bare link',
      measured: `${of('alike').toFixed(1)} Gbit/s, ${(share * 100).toFixed(0)} %`,
      ok: of('alike') >= 20 || share >= 0.7,
    },
    {
      what: 'TCP through the relay, packet by packet',
      target: '≥ 2 Gbit/s',
      measured: `${of('apart').toFixed(1)} Gbit/s`,
      ok: of('apart') >= 2,
    },
    {
      what: 'UDP packets of 100 bytes through the relay',
      target: '100 000 a second, none lost',
      measured: `${Math.round(packets.rate)} a second, ${packets.lost.toFixed(3)} % lost (bare ${bareFlood.lost.toFixed(3)} %)`,
      ok: packets.rate >= 99_000 && packets.lost === 0,
    },
  ];
}

/** Times that a connection is measured each way. */
const ROUNDS = 5;

const LINKS = 50;

/** Fifty links, both ways through one relay, idle. */
async function many(): Promise<Row[]> {
  using folder = temporaryFolder();
  const { topology } = loadScenario(writePairScenario(folder.path, 'netem', STEPS, { links: LINKS }));
  const clock = new Clock();
  await using lab = await namespaceRuntime.deploy({ topology, clock });
  const kind = await chooseEngine([], 'userspace');
  const used = async () => {
    const [idle, start] = [idleSeconds(), performance.now()];
    await sleep(10_000);
    const seconds = (performance.now() - start) / 1000;
    return 2 - (idleSeconds() - idle) / seconds;
  };
  const before = await used();
  await using engine = await kind.start({
    clock,
    seed: 1,
    late: () => {},
    fail: (error) => console.error(error),
  });
  for (const egress of [...lab.links.values()].flatMap(({ meters }) => meters)) {
    const way = await engine.attach({ egress });
    await way.set('x', impairment({ delay: '20ms' }));
  }
  const share = (median([await used(), await used(), await used()]) - before) / LINKS;
  return [
    {
      what: `processor time of an idle link, of ${LINKS} in one relay`,
      target: '< 1 % of a core',
      measured: `${(share * 100).toFixed(2)} %`,
      ok: share < 0.01,
    },
  ];
}
