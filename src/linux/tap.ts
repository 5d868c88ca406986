import { call, close, raw } from './libc.js';
import { setUpTap } from './links.js';
import { Memory } from './memory.js';
import { Netlink } from './netlink.js';

// linux/if_tun.h, fcntl.h
const TUNSETIFF = 0x400454ca;
const IFF_TAP_NO_PI = 0x0002 | 0x1000;
const O_RDWR_NONBLOCK_CLOEXEC = 0o2 | 0o4000 | 0o2000000;

/** Packets that the kernel keeps for whoever reads a TAP. */
const QUEUE = 10_000;

/** A network interface whose packets a process gets; it is gone when its descriptor is closed. */
export interface Tap {
  descriptor: number;
  index: number;
}

/**
 * Makes a TAP in the calling thread's network namespace, up, not blocking, without addresses of its own.
 * @throws SystemError where that is not permitted, or the name is taken
 */
export function openTap({ name, mtu }: { name: string; mtu: number }): Tap {
  const descriptor = call('open', '/dev/net/tun', O_RDWR_NONBLOCK_CLOEXEC, 0);
  try {
    const request = new Memory(4096);
    request.bytes.set(Buffer.from(name));
    request.view.setUint16(16, IFF_TAP_NO_PI, true);
    call('ioctl', descriptor, TUNSETIFF, request.address);
    const index = raw.if_nametoindex(name);
    using netlink = new Netlink();
    netlink.request(setUpTap(index, { mtu, queue: QUEUE }));
    return { descriptor, index };
  } catch (error) {
    close(descriptor);
    throw error;
  }
}
