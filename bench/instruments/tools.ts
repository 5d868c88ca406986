import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from 'faildrill';
import { ADDRESS_OF_B } from '../pair.js';
import type { Seen } from './capture.js';

/** What a tool says became of its packets; what it does not say is left out. */
export interface Told {
  lost?: number;
  duplicated?: number;
  reordered?: number;
  /** One-way delays in the order in which the packets were sent, nanoseconds. */
  delays?: number[];
}

/** Another tool at work in the lab. */
export interface Tool {
  name: string;
  /** Which packets are its own. */
  owns(packet: Seen): boolean;
  end(): Promise<Told>;
}

/** Starts what is compared with faildrill: each sends from a to b every 2 ms. */
export async function startTools(lab: Lab): Promise<Tool[]> {
  const [a, b] = ['a', 'b'].map((name) => lab.nodes.get(name)!);
  for (const argv of [
    ['irtt', 'server', '-i', '0'],
    ['iperf3', '-s', '-J'],
  ])
    b!.run({ argv }).catch(() => {});
  await sleep(500);
  const start = (
    name: string,
    argv: string[],
    tool: Pick<Tool, 'owns'> & { told(output: string): Told; endless?: true },
  ): Tool => {
    const running = a!.run({ argv });
    running.catch(() => {});
    return {
      name,
      owns: tool.owns,
      async end() {
        if (tool.endless) await a!.signal({ name: argv[0]! }, 'SIGINT');
        return tool.told((await running).stdout);
      },
    };
  };
  const file = '/tmp/irtt.json';
  const udp = (port: number) => (packet: Seen) => packet.protocol === 'udp' && packet.kind === port;
  return [
    start(
      'irtt -i 2ms',
      ['irtt', 'client', '-Q', '-i', '2ms', '-d', '1h', '--wait=500ms', '-l', '64', '-o', file, ADDRESS_OF_B],
      // Its greetings have flags; its packets have none.
      {
        owns: (packet) => udp(2112)(packet) && packet.payload[3] === 0,
        told: () => irttTold(readFileSync(`${a!.files}${file}`, 'utf8')),
        endless: true,
      },
    ),
    start(
      'iperf3 -u',
      // Interrupted it would not say what the server got.
      [
        'iperf3',
        '-c',
        ADDRESS_OF_B,
        '-u',
        '-b',
        '400k',
        '-l',
        '100',
        '-t',
        '25',
        '-J',
        '--get-server-output',
      ],
      { owns: udp(5201), told: iperfTold },
    ),
  ];
}

interface IrttOutput {
  stats: { packets_sent: number; duplicates: number; late_packets: number };
  round_trips: { lost: string; delay: { send?: number } }[];
}

function irttTold(output: string): Told {
  const { stats, round_trips } = JSON.parse(output) as IrttOutput;
  return {
    duplicated: stats.duplicates,
    lost: round_trips.filter(({ lost }) => lost === 'true' || lost === 'true_up').length,
    delays: round_trips.map(({ delay }) => delay.send ?? Number.NaN),
  };
}

interface IperfOutput {
  server_output_json?: {
    end?: { sum?: { lost_packets: number }; streams?: { udp: { out_of_order: number } }[] };
  };
}

function iperfTold(output: string): Told {
  const { end } = (JSON.parse(output) as IperfOutput).server_output_json ?? {};
  const lost = end?.sum?.lost_packets;
  const reordered = end?.streams?.[0]?.udp.out_of_order;
  return { ...(lost !== undefined && { lost }), ...(reordered !== undefined && { reordered }) };
}
