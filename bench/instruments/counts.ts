import type { DrillResult, Event } from 'faildrill';
import { writePairScenario } from '../pair.js';
import { type Seen, startCapture, type Truth, truthOf } from './capture.js';
import { invalidTrials, observedDrill } from './observed.js';
import { startTools, type Told } from './tools.js';

const LINK = 'a:eth1 <-> b:eth1';

const SCENARIO = `probes:
  app: { kind: udp, from: a, to: b, flows: 1, interval: 2ms, size: 64 }
steps:
  - { inject: impair, link: "${LINK}", from: a, delay: 20ms, as: slow }
  - hold: 6s
  - clear: slow
  - hold: 1s
  - { inject: impair, link: "${LINK}", from: a, delay: 5ms, jitter: 3ms, loss: 3%, duplicate: 2%, as: bad }
  - hold: 20s
  - clear: bad
  - hold: 1s
targets:
  - packets_lost(app) < 100000
`;

/** What somebody told of his packets, and the truth about them. */
export interface Account {
  name: string;
  told: Told;
  truth: Truth;
  /** Told one-way delays less the true ones, nanoseconds. */
  delayErrors: number[];
}

export interface Counted {
  /** faildrill first. */
  tools: Account[];
  invalid: string[];
}

/** First bytes of every packet of a probe. */
const MARK = 'FDRL';

/** Where the number of a probe's packet and the number of its stream are. */
const numberOf = ({ payload }: Seen) => payload.readUInt32BE(12);
const streamOf = ({ payload }: Seen) => payload.readUInt16BE(10);

/** Impairs a link, and compares what faildrill and others tell of their packets with what tcpdump saw at both ends. */
export async function countPackets(folder: string): Promise<Counted> {
  const file = writePairScenario(folder, 'counts', SCENARIO);
  const { events, result, seen } = await observedDrill({
    file,
    folder,
    async look(lab) {
      const captures = [await startCapture(lab, 'a'), await startCapture(lab, 'b')];
      const tools = await startTools(lab);
      return async () => {
        const told = [];
        for (const { end, ...tool } of tools) told.push({ ...tool, told: await end() });
        const [a, b] = await Promise.all(captures.map((capture) => capture.end()));
        return { told, a: a!, b: b! };
      };
    },
  });
  const from = (packets: Seen[]) => packets.filter(({ source }) => source === '10.0.1.1');
  const [sent, arrived] = [from(seen.a), from(seen.b)];
  const account = (name: string, told: Told, owns: (packet: Seen) => boolean): Account => {
    const truth = truthOf(sent.filter(owns), arrived.filter(owns));
    const delayErrors = (told.delays ?? [])
      .map((delay, number) => delay - truth.delays[number]!)
      .filter((error) => !Number.isNaN(error));
    return { name, told, truth, delayErrors };
  };
  const own = ownAccount(events, result);
  return {
    tools: [
      account('faildrill udp, 2 ms', own.told, (packet) => own.isMeant(packet)),
      ...seen.told.map(({ name, told, owns }) => account(name, told, owns)),
    ],
    invalid: invalidTrials(result),
  };
}

/** What faildrill tells of the packets that were due in its trial, and which these are. */
function ownAccount(events: readonly Event[], result: DrillResult) {
  const probes = events.find((event) => event.k === 'probes');
  if (probes?.k !== 'probes') throw new Error('the recording has no probes');
  const { interval, streams } = probes.probes.app!;
  const { from, to } = result.trials.at(-1)!;
  const [first, end] = [from, to].map((instant) => Math.ceil((instant - streams[0]!.start) / interval)) as [
    number,
    number,
  ];
  const count = (metric: string) =>
    result.measured.find((measured) => measured.metric === metric)!.trials.at(-1)!.measurement.value;
  return {
    told: {
      lost: count('packets_lost'),
      duplicated: count('packets_duplicated'),
      reordered: count('packets_reordered'),
      delays: delaysOf(events).slice(first, end),
    },
    isMeant: (packet: Seen) =>
      packet.protocol === 'udp' &&
      packet.payload.toString('latin1', 0, 4) === MARK &&
      streamOf(packet) === 0 &&
      numberOf(packet) >= first &&
      numberOf(packet) < end,
  };
}

/** One-way delay of each packet of the only stream as it was recorded, nanoseconds; NaN where it did not arrive. */
function delaysOf(events: readonly Event[]): number[] {
  const late: number[] = [];
  const after = new Map<number, number>();
  for (const event of events) {
    if (event.k !== 'packets') continue;
    for (const [index, value] of (event.late ?? []).entries()) late[event.first + index] = value;
    const numbers = (event.runs ?? []).flatMap(([first, count]) =>
      Array.from({ length: count }, (_, index) => first + index),
    );
    for (const [index, number] of numbers.entries())
      if (!after.has(number)) after.set(number, event.after![index]!);
  }
  return late.map((value, number) => ((after.get(number) ?? Number.NaN) - value) * 1000);
}
