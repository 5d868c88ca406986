import { bpf, call, close, SystemError } from './libc.js';
import { Memory } from './memory.js';

// linux/bpf.h
const MAP_CREATE = 0;
const PROG_LOAD = 5;
const LINK_CREATE = 28;
const MAP_TYPE_ARRAY = 2;
const F_MMAPABLE = 1 << 10;
/** What a program is for: the packets of a socket, or those of an interface. */
export const SOCKET_FILTER = 1;
const SCHED_CLS = 3;
// asm-generic/socket.h
const [SOL_SOCKET, SO_ATTACH_BPF] = [1, 50];
const TCX_EGRESS = 47;
const PAGE = 4096;
const LOG = 64 * 1024;

/** Results of a program, as a TCX link and a filter understand them: on to the next one, or the packet is dropped. */
export const NEXT = -1;
export const DROP = 2;

/** Helpers of the kernel that programs call. */
export const GET_PRANDOM_U32 = 7;
export const REDIRECT = 23;

/** The verifier gives up where a signal comes. */
function retried<T>(act: () => T, attempts = 5): T {
  try {
    return act();
  } catch (error) {
    if (attempts > 1 && error instanceof SystemError && error.code === 'EAGAIN')
      return retried(act, attempts - 1);
    throw error;
  }
}

/** Memory that a program and this process share: an array map of one value. */
export class SharedValue implements Disposable {
  readonly descriptor: number;
  readonly memory: Memory;

  /** @param size bytes, at most a page */
  constructor(size: number) {
    const attributes = new Memory(PAGE);
    attributes.words.set([MAP_TYPE_ARRAY, 4, size, 1, F_MMAPABLE]);
    this.descriptor = bpf(MAP_CREATE, attributes.address, 72);
    this.memory = new Memory(PAGE, this.descriptor);
  }

  [Symbol.dispose](): void {
    close(this.descriptor);
  }
}

/**
 * Loads a program for packets.
 * @returns its descriptor
 * @throws SystemError; an Error with the verifier's words where it does not like the program
 */
export function loadProgram(code: Buffer, type: typeof SOCKET_FILTER | typeof SCHED_CLS = SCHED_CLS): number {
  const memory = new Memory(PAGE + code.length + PAGE + LOG);
  const [license, log, instructions] = [PAGE - 8, PAGE, PAGE + LOG];
  memory.bytes.set(Buffer.from('GPL\0'), license);
  memory.bytes.set(code, instructions);
  const { view, address } = memory;
  view.setUint32(0, type, true);
  view.setUint32(4, code.length / 8, true);
  view.setBigUint64(8, BigInt(address + instructions), true);
  view.setBigUint64(16, BigInt(address + license), true);
  const load = () => retried(() => bpf(PROG_LOAD, address, 144));
  try {
    return load();
  } catch {
    // Only now with a log: what the verifier says of a program that it accepts may need more room.
    view.setUint32(24, 1, true);
    view.setUint32(28, LOG, true);
    view.setBigUint64(32, BigInt(address + log), true);
  }
  try {
    return load();
  } catch (error) {
    const said = Buffer.from(memory.bytes.subarray(log, log + LOG))
      .toString('latin1')
      .split('\0')[0];
    if (!said) throw error;
    throw new Error(`the kernel does not accept the program: ${said.slice(-2000)}`, { cause: error });
  }
}

/**
 * Has a program see what an interface of the calling thread's network namespace sends, before it leaves. The kernel takes it away when the
 * descriptor is closed, or with the interface.
 * @returns the link's descriptor
 * @throws SystemError, EINVAL where the kernel has no TCX (before Linux 6.6)
 */
export function linkToEgress(program: number, index: number): number {
  const attributes = new Memory(PAGE);
  attributes.words.set([program, index, TCX_EGRESS]);
  return bpf(LINK_CREATE, attributes.address, 64);
}

/** Has a program decide what a socket gets; it stays with the socket. */
export function attachToSocket(program: number, socket: number): void {
  const descriptor = Buffer.alloc(4);
  descriptor.writeInt32LE(program);
  call('setsockopt', socket, SOL_SOCKET, SO_ATTACH_BPF, descriptor, descriptor.length);
}
