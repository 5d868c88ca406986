import { closeSync, openSync } from 'node:fs';
import { call, SystemError } from './libc.js';

// sys/file.h
const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Locks a file, made where there is none (flock(2)). The kernel ends it with the process, however that ends.
 * @returns what lets go of it; nothing where another process has it
 */
export function tryLock(path: string): Disposable | undefined {
  const descriptor = openSync(path, 'a', 0o600);
  try {
    call('flock', descriptor, LOCK_EX | LOCK_NB);
  } catch (error) {
    closeSync(descriptor);
    if (error instanceof SystemError && ['EAGAIN', 'EWOULDBLOCK'].includes(error.code)) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => closeSync(descriptor) };
}
