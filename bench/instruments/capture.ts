import { readFileSync } from 'node:fs';
import type { Lab } from 'faildrill';

/** A packet as it passed an interface; nanoseconds on the kernel's clock, from an instant that all captures share. */
export interface Seen {
  at: number;
  source: string;
  protocol: 'udp' | 'icmp';
  /** Destination port, or ICMP type. */
  kind: number;
  /** What follows the header of UDP or ICMP's type and checksum. */
  payload: Buffer;
}

/** A capture of a node's interface that runs until it is ended. */
export interface Capture {
  end(): Promise<Seen[]>;
}

const ETHERNET = 14;

/** Starts tcpdump in a node: the truth about what was on the wire, from another hand. */
export async function startCapture(lab: Lab, name: string): Promise<Capture> {
  const node = lab.nodes.get(name)!;
  const file = '/tmp/capture.pcap';
  const argv = [
    'tcpdump',
    '-i',
    'eth1',
    '-n',
    '-s',
    '160',
    '-B',
    '65536',
    '-U',
    '--time-stamp-precision=nano',
  ];
  const running = node.run({ argv: [...argv, '-Z', 'root', '-w', file, 'udp or icmp'] });
  running.catch(() => {});
  return {
    async end() {
      await node.signal({ name: 'tcpdump' }, 'SIGINT');
      const { stderr } = await running;
      const dropped = /(\d+) packets dropped by kernel/.exec(stderr)?.[1];
      if (dropped !== '0') throw new Error(`tcpdump on ${name} lost ${dropped ?? 'all'} packets: ${stderr}`);
      return packetsOf(readFileSync(`${node.files}${file}`));
    },
  };
}

/** Reads a capture file with nanoseconds (pcap-savefile(5)) of Ethernet frames. */
function packetsOf(file: Buffer): Seen[] {
  if (file.readUInt32LE(0) !== 0xa1b23c4d) throw new Error('not a capture with nanoseconds');
  const packets: Seen[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const [seconds, nanoseconds, length] = [0, 4, 8].map((field) => file.readUInt32LE(at + field)) as [
      number,
      number,
      number,
    ];
    const packet = packetIn(file.subarray(at + 16, at + 16 + length));
    // Whole days are left out, so that a nanosecond still counts in a double.
    if (packet) packets.push({ at: (seconds % 86_400) * 1e9 + nanoseconds, ...packet });
    at += 16 + length;
  }
  return packets;
}

function packetIn(frame: Buffer): Omit<Seen, 'at'> | undefined {
  if (frame.readUInt16BE(12) !== 0x0800) return undefined;
  const header = frame.subarray(ETHERNET);
  const data = header.subarray((header[0]! & 0x0f) * 4);
  const source = header.subarray(12, 16).join('.');
  return header[9] === 17
    ? { source, protocol: 'udp', kind: data.readUInt16BE(2), payload: data.subarray(8) }
    : { source, protocol: 'icmp', kind: data[0]!, payload: data.subarray(4) };
}

/** What became of packets on their way from one capture to another. */
export interface Truth {
  sent: number;
  lost: number;
  duplicated: number;
  /** By RFC 4737: a later one had come before. */
  reordered: number;
  /** One-way delay of each that arrived, in the order in which they were sent, nanoseconds; NaN where it did not. */
  delays: number[];
}

/** Compares what was sent with what arrived; packets are told by their contents. */
export function truthOf(sent: readonly Seen[], arrived: readonly Seen[]): Truth {
  const numbers = new Map(sent.map(({ payload }, number) => [payload.toString('latin1'), number]));
  const delays = new Array<number>(sent.length).fill(Number.NaN);
  const copies = new Uint8Array(sent.length);
  let [highest, reordered] = [-1, 0];
  for (const { at, payload } of arrived) {
    const number = numbers.get(payload.toString('latin1'));
    if (number === undefined) continue;
    if (copies[number]!++ > 0) continue;
    delays[number] = at - sent[number]!.at;
    if (number < highest) reordered++;
    else highest = number;
  }
  return {
    sent: sent.length,
    lost: delays.filter(Number.isNaN).length,
    duplicated: copies.filter((count) => count > 1).length,
    reordered,
    delays,
  };
}
