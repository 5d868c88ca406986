import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { call, close, raw } from './libc.js';
import { setUpTap } from './links.js';
import { Memory } from './memory.js';
import { makeDevice } from './mounts.js';
import { Netlink } from './netlink.js';

// linux/if_tun.h, fcntl.h
const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const IFF_TAP_NO_PI_VNET_HDR = 0x0002 | 0x1000 | 0x4000;
/** Checksums and TCP segmentation over both versions of IP, ECN included. */
const TUN_F_TCP = 0x1 | 0x2 | 0x4 | 0x8;
/** Segmentation of UDP, since Linux 6.2. */
const TUN_F_USO = 0x20 | 0x40;
const O_RDWR_NONBLOCK_CLOEXEC = 0o2 | 0o4000 | 0o2000000;

/** Packets that the kernel keeps for whoever reads a TAP. */
const QUEUE = 10_000;

/**
 * A network interface whose packets a process gets, each after a header that says whether and how it is still to be cut into segments
 * (struct virtio_net_hdr); it is gone when its descriptor is closed.
 */
export interface Tap {
  descriptor: number;
  index: number;
}

const TUN = '/dev/net/tun';

/** Whether TUN devices can be had: a container's own /dev lacks the device, but it may be allowed to make it. */
export function hasTun(): boolean {
  if (existsSync(TUN)) return true;
  try {
    mkdirSync(dirname(TUN), { recursive: true });
    makeDevice(TUN, 10, 200);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes a TAP in the calling thread's network namespace, up, not blocking, without addresses of its own.
 * @throws SystemError where that is not permitted, or the name is taken
 */
export function openTap({ name, mtu }: { name: string; mtu: number }): Tap {
  const descriptor = call('open', TUN, O_RDWR_NONBLOCK_CLOEXEC, 0);
  try {
    const request = new Memory(4096);
    request.bytes.set(Buffer.from(name));
    request.view.setUint16(16, IFF_TAP_NO_PI_VNET_HDR, true);
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

/**
 * Has a TAP's packets come as the sender's kernel made them, of many segments and without a checksum, or each as it is on the line. What
 * comes in this instant may still be the one or the other.
 */
export function takeWhole(tap: number, isWhole: boolean): void {
  if (!isWhole) call('ioctl', tap, TUNSETOFFLOAD, 0);
  else if (raw.ioctl(tap, TUNSETOFFLOAD, TUN_F_TCP | TUN_F_USO) < 0)
    call('ioctl', tap, TUNSETOFFLOAD, TUN_F_TCP);
}
