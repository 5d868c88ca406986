import { prepareDatagrams } from './datagrams.js';
import { call } from './libc.js';
import { filterByMark } from './mark-filter.js';
import { Memory } from './memory.js';

// linux/if_packet.h, asm-generic/socket.h, linux/if_ether.h
const AF_PACKET = 17;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
const ETH_P_ALL = 3;
const PACKET_OUTGOING = 4;

/** Bytes of a packet that are kept: those of one on a line, and of one of many segments the beginning. */
const KEPT = 2048;

const [LOAD_HALF, LOAD_WORD, JUMP_EQUAL, RETURN] = [0x28, 0x20, 0x15, 0x06];
const [PACKET_TYPE, INTERFACE] = [0xfffff004, 0xfffff008];

/** linux/filter.h: of what passes some interfaces only what they send, so that a packet that is handed on counts once. */
const filterOf = (interfaces: readonly number[]): readonly (readonly [number, number, number, number])[] => [
  [LOAD_HALF, 0, 0, PACKET_TYPE],
  [JUMP_EQUAL, 1, 0, PACKET_OUTGOING],
  [RETURN, 0, 0, 0],
  [LOAD_WORD, 0, 0, INTERFACE],
  ...interfaces.flatMap(
    (index) =>
      [
        [JUMP_EQUAL, 0, 1, index],
        [RETURN, 0, 0, KEPT],
      ] as const,
  ),
  [RETURN, 0, 0, 0],
];

/**
 * Opens a socket that gets a copy of every packet with a mark that some interfaces of the calling thread's network namespace send, not
 * blocking. They are known by their indexes: one that is made anew counts as the same. Where the kernel cannot search, it gets packets
 * without the mark as well.
 * @param mark eight bytes, in the packet's first {@link KEPT}; without it the kernel does not search
 * @returns its descriptor
 */
export function openCapture(interfaces: readonly number[], mark?: Buffer): number {
  // Without a protocol it gets nothing yet: no packet comes past the filter before that is there.
  const descriptor = call('socket', AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, 0);
  if (!mark || !filterByMark(descriptor, { interfaces, mark, kept: KEPT }))
    filterByInterface(descriptor, interfaces);
  prepareDatagrams(descriptor);
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(ETH_P_ALL, 2);
  call('bind', descriptor, address, address.length);
  return descriptor;
}

function filterByInterface(descriptor: number, interfaces: readonly number[]): void {
  const filter = filterOf(interfaces);
  const program = new Memory(8 * filter.length);
  for (const [at, [code, onTrue, onFalse, value]] of filter.entries()) {
    program.view.setUint16(at * 8, code, true);
    program.view.setUint8(at * 8 + 2, onTrue);
    program.view.setUint8(at * 8 + 3, onFalse);
    program.view.setUint32(at * 8 + 4, value, true);
  }
  const header = Buffer.alloc(16);
  header.writeUInt16LE(filter.length, 0);
  header.writeBigUInt64LE(BigInt(program.address), 8);
  call('setsockopt', descriptor, SOL_SOCKET, SO_ATTACH_FILTER, header, header.length);
}

/** Index of the interface that sent a captured packet, from where the packet says that it comes from. */
export const interfaceOf = (sources: Uint8Array, source: number): number =>
  new DataView(sources.buffer, sources.byteOffset + source).getInt32(4, true);

/** Packets that a capture had no room for since it was last asked. */
export function captureDrops(descriptor: number): number {
  const statistics = Buffer.alloc(8);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(statistics.length);
  call('getsockopt', descriptor, SOL_PACKET, PACKET_STATISTICS, statistics, length);
  return statistics.readUInt32LE(4);
}
