import { linkToEgress } from './bpf.js';
import { close, SystemError } from './libc.js';
import { Netlink } from './netlink.js';
import { addClsact, addProgram, deleteClsact, deleteProgram } from './tc.js';

/** Where the kernel takes programs for what an interface sends: TCX since Linux 6.6, filters of the clsact qdisc before. */
export type Hook = 'tcx' | 'clsact';

/**
 * Has a program see what an interface of the calling thread's network namespace sends, before it leaves, after the programs that see it
 * already.
 * @param place its number among the programs of the interface, from 1
 * @param hook the only one to try; without it the newest that the kernel has
 * @returns takes it away again; so does the kernel when the interface goes, and with TCX when this process ends
 * @throws SystemError
 */
export function attachEgress(options: {
  program: number;
  index: number;
  place: number;
  hook?: Hook | undefined;
}): Disposable {
  const { program, index, hook } = options;
  if (hook !== 'clsact') {
    try {
      const link = linkToEgress(program, index);
      return { [Symbol.dispose]: () => close(link) };
    } catch (error) {
      // The kernel knows no such place for a program.
      if (hook === 'tcx' || !(error instanceof SystemError && error.code === 'EINVAL')) throw error;
    }
  }
  return attachToClsact(options);
}

const unless = (code: string, work: () => void): boolean => {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof SystemError && error.code === code) return false;
    throw error;
  }
};

function attachToClsact(options: { program: number; index: number; place: number }): Disposable {
  const { index, place } = options;
  // Stays in this namespace, wherever the thread is when it is time to take the program away.
  const netlink = new Netlink();
  try {
    const isOwn = unless('EEXIST', () => netlink.request(addClsact(index)));
    netlink.request(addProgram(options));
    return {
      [Symbol.dispose]() {
        unless('ENODEV', () =>
          netlink.request(isOwn ? deleteClsact(index) : deleteProgram({ index, place })),
        );
        netlink[Symbol.dispose]();
      },
    };
  } catch (error) {
    netlink[Symbol.dispose]();
    throw error;
  }
}
