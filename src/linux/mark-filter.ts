import { attachToSocket, loadProgram, SOCKET_FILTER } from './bpf.js';
import { BpfProgram, type Register } from './bpf-program.js';
import { close } from './libc.js';

/** Where a packet's context has who it is for, and its interface (struct __sk_buff). */
const [TYPE, INTERFACE] = [4, 40];
const OUTGOING = 4;

const RESULT: Register = 0;
const ARGUMENT: Register = 1;
const CONTEXT: Register = 6;
const AT: Register = 7;
const WORD = 4;

/** Keeps of what some interfaces send the packets that have a mark of eight bytes in their first bytes, as many of these. */
function programOf(interfaces: readonly number[], mark: Buffer, kept: number): Buffer {
  const program = new BpfProgram().alu('mov', CONTEXT, { register: ARGUMENT });
  program.load(RESULT, CONTEXT, TYPE).jump('ne', RESULT, OUTGOING, 'leave');
  program.load(RESULT, CONTEXT, INTERFACE);
  for (const index of interfaces) program.jump('eq', RESULT, index, 'search');
  program.go('leave');
  program.label('search').alu('mov', AT, 0);
  // One word in four bytes is enough: of those that begin in the mark's first four bytes it is one. Past the packet's end the kernel leaves.
  program.label('look').packet(WORD, AT, 0);
  for (let start = 0; start < WORD; start++) program.jump('eq', RESULT, mark.readUInt32BE(start), 'keep');
  program.alu('add', AT, WORD).jump('lt', AT, kept, 'look');
  return program.label('leave').exit(0).label('keep').exit(kept).assemble();
}

/**
 * Has a packet socket get only what may have a mark, so that what is encrypted costs no copy.
 * @param mark eight bytes; what has half of them is handed over as well
 * @param kept bytes of a packet that are searched and handed over
 * @returns false where that is not permitted, or the kernel knows no loops (before Linux 5.3)
 */
export function filterByMark(
  descriptor: number,
  filter: { interfaces: readonly number[]; mark: Buffer; kept: number },
): boolean {
  try {
    const program = loadProgram(programOf(filter.interfaces, filter.mark, filter.kept), SOCKET_FILTER);
    try {
      attachToSocket(program, descriptor);
    } finally {
      close(program);
    }
    return true;
  } catch {
    // Not permitted, or an older kernel's verifier: the reader searches then.
    return false;
  }
}
