import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from 'faildrill';
import { ADDRESS_OF_B } from '../pair.js';

/** What another tool saw: when it received an answer, and the number of what was answered; nanoseconds of the wall clock. */
export interface Answer {
  at: number;
  number: number;
}

/** Another tool, running in the lab. */
export interface Peer {
  name: string;
  /** Ends it and returns the answers that it got, in order. */
  end(): Promise<Answer[]>;
}

const MS = 1e6;

/** Starts what is compared with faildrill: each probes from a to b at the same interval. */
export async function startPeers(lab: Lab): Promise<Peer[]> {
  const [a, b] = ['a', 'b'].map((name) => lab.nodes.get(name)!);
  // It ends with the lab.
  b!.run({ argv: ['irtt', 'server', '-i', '0'] }).catch(() => {});
  await sleep(200);
  const start = (name: string, argv: string[], answers: (output: string) => Answer[]): Peer => {
    const running = a!.run({ argv });
    running.catch(() => {});
    return {
      name,
      async end() {
        await a!.signal({ name }, 'SIGINT');
        return answers((await running).stdout);
      },
    };
  };
  const file = '/tmp/irtt.json';
  return [
    // Without -i its interval is really 10 ms.
    start('fping', ['fping', '-D', '-i', '1', '-p', '1', '-t', '500', '-l', ADDRESS_OF_B], fpingAnswers),
    start(
      'irtt',
      ['irtt', 'client', '-Q', '-i', '1ms', '-d', '1h', '--wait=100ms', '-o', file, ADDRESS_OF_B],
      () => irttAnswers(readFileSync(`${a!.files}${file}`, 'utf8')),
    ),
  ];
}

/** Reads lines as `[1700000000.12345] 10.0.1.2 : [17], 64 bytes, 0.02 ms (...)`. */
const fpingAnswers = (output: string): Answer[] =>
  [...output.matchAll(/^\[(\d+)\.(\d+)\] \S+ : \[(\d+)\], \d+ bytes/gm)].map(
    ([, seconds, fraction = '', number]) => ({
      at: Number(seconds) * 1e9 + Number(fraction.padEnd(9, '0')),
      number: Number(number),
    }),
  );

interface IrttOutput {
  round_trips: { seqno: number; timestamps: { client: { receive?: { wall: number } } } }[];
}

const irttAnswers = (output: string): Answer[] =>
  (JSON.parse(output) as IrttOutput).round_trips.flatMap(({ seqno, timestamps: { client } }) =>
    client.receive ? [{ at: client.receive.wall, number: seqno }] : [],
  );

/** How an outage is computed from answers: by what is missing, or by how long there was none; nanoseconds. */
export interface PeerOutage {
  missing: number;
  gap: number;
}

/**
 * What a user would take an outage for: the longest run of unanswered probes times the interval that was asked for, and the longest time
 * without an answer less that interval.
 * @param window the part of the answers to look at, on the wall clock
 */
export function outageOf(answers: readonly Answer[], window: { from: number; to: number }): PeerOutage {
  const seen = answers.filter(({ at }) => at >= window.from && at <= window.to).sort((a, b) => a.at - b.at);
  const outage = { missing: 0, gap: 0 };
  for (const [index, { at, number }] of seen.entries()) {
    const last = seen[index - 1];
    if (!last) continue;
    outage.missing = Math.max(outage.missing, (number - last.number - 1) * MS);
    outage.gap = Math.max(outage.gap, at - last.at - MS);
  }
  return outage;
}
