import { constants } from 'node:os';
import koffi from 'koffi';

/**
 * The C library of this process. Pointers are plain numbers (addresses in mapped memory, see
 * `Memory`) or buffers that live for the length of the call. All calls are synchronous: koffi's
 * asynchronous ones would run on a pool thread, in whatever namespaces that thread has.
 */
const library = koffi.load(null);

const define = (name: string, result: string, parameters: string[]) =>
  library.func(name, result, parameters) as (...parameters: unknown[]) => number;

const functions = {
  accept4: define('accept4', 'int', ['int', 'void *', 'void *', 'int']),
  bind: define('bind', 'int', ['int', 'void *', 'uint32']),
  chdir: define('chdir', 'int', ['str']),
  chmod: define('chmod', 'int', ['str', 'uint32']),
  clock_gettime: define('clock_gettime', 'int', ['int', 'uintptr_t']),
  close: define('close', 'int', ['int']),
  connect: define('connect', 'int', ['int', 'void *', 'uint32']),
  flock: define('flock', 'int', ['int', 'int']),
  epoll_create1: define('epoll_create1', 'int', ['int']),
  epoll_ctl: define('epoll_ctl', 'int', ['int', 'int', 'int', 'void *']),
  epoll_wait: define('epoll_wait', 'int', ['int', 'void *', 'int', 'int']),
  getpeername: define('getpeername', 'int', ['int', 'void *', 'void *']),
  getsockname: define('getsockname', 'int', ['int', 'void *', 'void *']),
  getsockopt: define('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']),
  inotify_add_watch: define('inotify_add_watch', 'int', ['int', 'str', 'uint32']),
  inotify_init1: define('inotify_init1', 'int', ['int']),
  kill: define('kill', 'int', ['int', 'int']),
  listen: define('listen', 'int', ['int', 'int']),
  mknod: define('mknod', 'int', ['str', 'uint32', 'uint64']),
  mmap: define('mmap', 'intptr_t', ['uintptr_t', 'size_t', 'int', 'int', 'int', 'int64']),
  mount: define('mount', 'int', ['str', 'str', 'str', 'ulong', 'str']),
  munmap: define('munmap', 'int', ['uintptr_t', 'size_t']),
  open: define('open', 'int', ['str', 'int', 'int']),
  ppoll: define('ppoll', 'int', ['uintptr_t', 'ulong', 'uintptr_t', 'uintptr_t']),
  prctl: define('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']),
  read: define('read', 'int64', ['int', 'void *', 'size_t']),
  readv: define('readv', 'int64', ['int', 'uintptr_t', 'int']),
  recv: define('recv', 'int64', ['int', 'void *', 'size_t', 'int']),
  recvmmsg: define('recvmmsg', 'int', ['int', 'uintptr_t', 'uint32', 'int', 'uintptr_t']),
  recvmsg: define('recvmsg', 'int64', ['int', 'uintptr_t', 'int']),
  sched_setscheduler: define('sched_setscheduler', 'int', ['int', 'int', 'void *']),
  send: define('send', 'int64', ['int', 'void *', 'size_t', 'int']),
  sendAt: define('send', 'int64', ['int', 'uintptr_t', 'size_t', 'int']),
  sendto: define('sendto', 'int64', ['int', 'uintptr_t', 'size_t', 'int', 'uintptr_t', 'uint32']),
  sethostname: define('sethostname', 'int', ['str', 'size_t']),
  setns: define('setns', 'int', ['int', 'int']),
  setxattr: define('setxattr', 'int', ['str', 'str', 'void *', 'size_t', 'int']),
  setsockopt: define('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32']),
  socket: define('socket', 'int', ['int', 'int', 'int']),
  socketpair: define('socketpair', 'int', ['int', 'int', 'int', 'void *']),
  timerfd_create: define('timerfd_create', 'int', ['int', 'int']),
  timerfd_settime: define('timerfd_settime', 'int', ['int', 'int', 'void *', 'void *']),
  umount2: define('umount2', 'int', ['str', 'int']),
  unshare: define('unshare', 'int', ['int']),
  eventfd: define('eventfd', 'int', ['uint32', 'int']),
  ioctl: define('ioctl', 'int', ['int', 'ulong', 'uintptr_t']),
  sendmmsg: define('sendmmsg', 'int', ['int', 'uintptr_t', 'uint32', 'int']),
  write: define('write', 'int64', ['int', 'void *', 'size_t']),
  sched_setaffinity: define('sched_setaffinity', 'int', ['int', 'size_t', 'void *']),
  if_nametoindex: define('if_nametoindex', 'uint32', ['str']),
} as const;

const pivotRoot = library.func('syscall', 'long', ['long', 'str', 'str']) as (
  number: number,
  ...paths: string[]
) => number;

const pidfdOpen = library.func('syscall', 'long', ['long', 'int', 'uint32']) as (
  ...parameters: number[]
) => number;

const bpfCall = library.func('syscall', 'long', ['long', 'int', 'uintptr_t', 'uint32']) as (
  ...parameters: number[]
) => number;

/** Name of a C function that this module binds. */
export type Call = keyof typeof functions;

const errorNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** Name of an error number: `ENETUNREACH`. */
export const errorName = (errno: number): string => errorNames.get(errno) ?? `errno ${errno}`;

/** A system call that failed: `code` as Node spells it (`ENETUNREACH`), `errno` as the kernel does. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly errno: number;
  readonly code: string;
  constructor(call: string, errno: number, detail = '') {
    const code = errorName(errno);
    super(`${call}${detail && ` ${detail}`}: ${code}`);
    this.errno = errno;
    this.code = code;
  }
}

/** The raw functions, for loops that read `errno()` themselves; a negative result is an error. */
export const raw = functions;

/** Number of the last error on this thread. */
export const errno = (): number => koffi.errno();

/** Calls a C function and throws a `SystemError` where its result is negative. */
export function call(name: Call, ...parameters: unknown[]): number {
  const result = functions[name](...parameters);
  if (result < 0) {
    const detail = parameters.filter((parameter) => typeof parameter === 'string').join(' ');
    throw new SystemError(name, errno(), detail);
  }
  return result;
}

/** Closes a descriptor that a call here opened; Node keeps account of those that it opened itself. */
export const close = (descriptor: number): void => void call('close', descriptor);

/** pivot_root(2), which the C library does not wrap; x86-64 and arm64 numbers. */
export function pivot(newRoot: string, putOld: string): void {
  const number = process.arch === 'arm64' ? 41 : 155;
  if (pivotRoot(number, newRoot, putOld) < 0) throw new SystemError('pivot_root', errno(), newRoot);
}

/** pidfd_open(2), which older C libraries do not wrap, by the number that all architectures share; nothing for a process that is gone. */
export function openProcess(pid: number): number | undefined {
  const descriptor = pidfdOpen(434, pid, 0);
  return descriptor < 0 ? undefined : descriptor;
}

/**
 * bpf(2), which the C library does not wrap; x86-64 and arm64 numbers.
 * @param attributes address of its `union bpf_attr`
 * @throws SystemError
 */
export function bpf(command: number, attributes: number, size: number): number {
  const result = bpfCall(process.arch === 'arm64' ? 280 : 321, command, attributes, size);
  if (result < 0) throw new SystemError('bpf', errno(), String(command));
  return result;
}

/** A view of memory that this process mapped: `koffi.view` on an address. */
export const viewOf = (address: number, size: number): ArrayBuffer => koffi.view(BigInt(address), size);
