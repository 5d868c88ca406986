import type { BpfProgram, Register } from '../linux/bpf-program.js';
import { addressBytes } from '../linux/links.js';
import { hasVersion, type Match, numberOf } from './match.js';

const ETHERNET = 14;
const VLAN = 0x8100;
const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;

/** Registers: what a load puts its result in, where the network header's start is added, and the length of that header. */
const RESULT: Register = 0;
const SHIFT: Register = 9;
const HEADER: Register = 8;

const CONTEXT: Register = 6;

/** Where a packet's context has its lengths (struct __sk_buff). */
const [LENGTH, WIRE_LENGTH, SEGMENTS, SEGMENT_SIZE] = [0, 160, 164, 176];

/** Where the two versions of IP have their fields, from the start of the frame. */
const layouts = {
  4: { protocol: ETHERNET + 9, source: ETHERNET + 12, destination: ETHERNET + 16 },
  6: { protocol: ETHERNET + 6, source: ETHERNET + 8, destination: ETHERNET + 24 },
} as const;

/**
 * Makes a program go to a label unless the packet matches one of several. Register 6 must hold the context; all but 6 and 7 are used.
 * Fragments other than the first have no ports and match none; IPv6 extension headers are not looked behind.
 */
export function matchOneOrGo(program: BpfProgram, matches: readonly Match[], otherwise: string): void {
  program.alu('mov', SHIFT, 0).packet(2, SHIFT, ETHERNET - 2);
  program.jump('ne', RESULT, VLAN, 'untagged').alu('mov', SHIFT, 4);
  program.label('untagged');
  for (const [index, match] of matches.entries()) {
    const next = index === matches.length - 1 ? otherwise : `match ${index + 1}`;
    for (const version of ([4, 6] as const).filter((version) => hasVersion(match, version))) {
      const skip = `not IPv${version} ${index}`;
      program.packet(2, SHIFT, ETHERNET - 2).jump('ne', RESULT, ETHERTYPE[version], skip);
      matchVersion(program, { match, version, name: `${index} IPv${version}`, otherwise: next });
      program.go('matched').label(skip);
    }
    program.go(next);
    if (next !== otherwise) program.label(next);
  }
  program.label('matched');
}

/** A match on packets of one version of IP, with a name for its labels. */
interface Attempt {
  match: Match;
  version: 4 | 6;
  name: string;
  otherwise: string;
}

function matchVersion(program: BpfProgram, attempt: Attempt) {
  const { match, version, otherwise } = attempt;
  const { source, destination, protocol, dscp } = match;
  const layout = layouts[version];
  for (const [network, at] of [
    [source, layout.source],
    [destination, layout.destination],
  ] as const) {
    if (network === undefined) continue;
    const [address = '', length] = network.split('/');
    const bytes = addressBytes(address);
    matchPrefix(program, { bytes, length: Number(length ?? bytes.length * 8), at, otherwise });
  }
  if (protocol !== undefined) {
    program.packet(1, SHIFT, layout.protocol).jump('ne', RESULT, numberOf(protocol), otherwise);
  }
  if (dscp !== undefined) {
    program.packet(2, SHIFT, ETHERNET);
    // IPv4 has it in the upper bits of the second byte, IPv6 after the version's four bits.
    program
      .alu('rsh', RESULT, version === 4 ? 2 : 6)
      .alu('and', RESULT, 0x3f)
      .jump('ne', RESULT, dscp, otherwise);
  }
  matchPorts(program, attempt);
  if (match['longer-than'] !== undefined) matchLength(program, match['longer-than'], attempt);
}

/**
 * Compares the length that a packet has on the line. One that the kernel has not yet cut into segments has theirs: its headers, which the
 * queue's reckoning of bytes counts once more for each further segment, and a segment's payload.
 */
function matchLength(program: BpfProgram, limit: number, { name, otherwise }: Attempt) {
  const whole = `whole ${name}`;
  program.load(RESULT, CONTEXT, LENGTH).load(1, CONTEXT, SEGMENTS);
  program.jump('lt', 1, 2, whole);
  program.load(2, CONTEXT, WIRE_LENGTH).alu('sub', 2, { register: RESULT }).alu('sub', 1, 1);
  program
    .alu('div', 2, { register: 1 })
    .load(RESULT, CONTEXT, SEGMENT_SIZE)
    .alu('add', RESULT, { register: 2 });
  program.label(whole).alu('sub', RESULT, ETHERNET).alu('sub', RESULT, { register: SHIFT });
  program.jump('le', RESULT, limit, otherwise);
}

function matchPrefix(
  program: BpfProgram,
  { bytes, length, at, otherwise }: { bytes: Buffer; length: number; at: number; otherwise: string },
) {
  for (let word = 0; 32 * word < length; word++) {
    const kept = Math.min(32, length - 32 * word);
    const mask = kept === 32 ? 0xffffffff : ~(0xffffffff >>> kept) >>> 0;
    const wanted = (bytes.readUInt32BE(4 * word) & mask) >>> 0;
    program
      .packet(4, SHIFT, at + 4 * word)
      .alu('and', RESULT, mask | 0)
      .jump('ne', RESULT, wanted | 0, otherwise);
  }
}

function matchPorts(program: BpfProgram, { match, version, otherwise }: Attempt) {
  const ports = [match['source-port'], match['destination-port']];
  if (ports.every((port) => port === undefined)) return;
  program.alu('mov', HEADER, { register: SHIFT });
  if (version === 6) program.alu('add', HEADER, 40);
  else {
    program
      .packet(2, SHIFT, ETHERNET + 6)
      .alu('and', RESULT, 0x1fff)
      .jump('ne', RESULT, 0, otherwise);
    program
      .packet(1, SHIFT, ETHERNET)
      .alu('and', RESULT, 0x0f)
      .alu('lsh', RESULT, 2)
      .alu('add', HEADER, { register: RESULT });
  }
  for (const [index, port] of ports.entries()) {
    if (port !== undefined)
      program.packet(2, HEADER, ETHERNET + 2 * index).jump('ne', RESULT, port, otherwise);
  }
}
