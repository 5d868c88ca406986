import type { BpfProgram, Register } from '../linux/bpf-program.js';
import { addressBytes } from '../linux/links.js';
import { type Match, protocols } from './match.js';

const ETHERNET = 14;
const VLAN = 0x8100;
const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;

/** Registers: what a load puts its result in, where the network header's start is added, and the length of that header. */
const RESULT: Register = 0;
const SHIFT: Register = 9;
const HEADER: Register = 8;

/** Where the two versions of IP have their fields, from the start of the frame. */
const layouts = {
  4: { protocol: ETHERNET + 9, source: ETHERNET + 12, destination: ETHERNET + 16 },
  6: { protocol: ETHERNET + 6, source: ETHERNET + 8, destination: ETHERNET + 24 },
} as const;

/**
 * Makes a program go to a label unless the packet matches. Register 6 must hold the context; 0, 8 and 9 are used. Fragments other than the
 * first have no ports and match none; IPv6 extension headers are not looked behind.
 */
export function matchOrGo(program: BpfProgram, match: Match, otherwise: string): void {
  program.alu('mov', SHIFT, 0).packet(2, SHIFT, ETHERNET - 2);
  program
    .jump('ne', RESULT, VLAN, 'untagged')
    .alu('mov', SHIFT, 4)
    .packet(2, SHIFT, ETHERNET - 2);
  program.label('untagged');
  const versions = ([4, 6] as const).filter((version) => hasVersion(match, version));
  for (const version of versions) program.jump('eq', RESULT, ETHERTYPE[version], `IPv${version}`);
  program.go(otherwise);
  for (const version of versions) {
    program.label(`IPv${version}`);
    matchVersion(program, match, version, otherwise);
    program.go('matched');
  }
  program.label('matched');
}

/** Whether the addresses of a match are of a version of IP; those of none are of both. */
const hasVersion = ({ source, destination }: Match, version: 4 | 6): boolean =>
  [source, destination].every(
    (network) => network === undefined || network.includes(':') === (version === 6),
  );

function matchVersion(program: BpfProgram, match: Match, version: 4 | 6, otherwise: string) {
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
    const number = typeof protocol === 'string' ? protocols[protocol] : protocol;
    program.packet(1, SHIFT, layout.protocol).jump('ne', RESULT, number, otherwise);
  }
  if (dscp !== undefined) {
    program.packet(2, SHIFT, ETHERNET);
    // IPv4 has it in the upper bits of the second byte, IPv6 after the version's four bits.
    program
      .alu('rsh', RESULT, version === 4 ? 2 : 6)
      .alu('and', RESULT, 0x3f)
      .jump('ne', RESULT, dscp, otherwise);
  }
  matchPorts(program, match, version, otherwise);
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

function matchPorts(program: BpfProgram, match: Match, version: 4 | 6, otherwise: string) {
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
