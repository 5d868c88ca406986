import { closeSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock, FastClock } from '../../src/linux/clock.js';
import { FrameSender, openFrameSocket } from '../../src/linux/frames.js';
import { call, raw } from '../../src/linux/libc.js';
import { createVeth, setUp } from '../../src/linux/links.js';
import { Memory } from '../../src/linux/memory.js';
import { enter, inside, openOwn, unshare } from '../../src/linux/namespaces.js';
import { Netlink } from '../../src/linux/netlink.js';
import type { Egress } from '../../src/netem/engine.js';

const AF_PACKET = 17;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SO_TIMESTAMPNS = 35;
const ALL_PROTOCOLS = 0x0300;
const FRAME = 16_384;

/** A frame that arrived, with the kernel's timestamp on the wire's clock. */
export interface Arrival {
  at: number;
  frame: Buffer;
}

/**
 * A veth pair between two network namespaces of this test, with nothing else on it: frames go in at one end, and come out at the other as
 * they are.
 */
export class Wire implements Disposable {
  readonly clock = new Clock();
  readonly near: number;
  readonly far: number;
  readonly egress: Egress;
  readonly #fast = new FastClock(this.clock.anchor);
  readonly #home = openOwn(['net']);
  readonly #receiver: number;
  readonly #sender: FrameSender;
  readonly #out = new Memory(FRAME * 64);
  readonly #in = new Memory(FRAME + 4096);
  #sent = 0;

  constructor(mtu = 1500) {
    try {
      this.near = makeNetwork();
      this.far = makeNetwork();
      using netlink = new Netlink();
      netlink.request(
        createVeth(
          { name: 'far', namespace: this.far, index: 11, mtu },
          { name: 'near', namespace: this.near, index: 10, mtu },
        ),
      );
      netlink.request(setUp(11, true), setUp(1, true));
      this.#receiver = listen(11);
    } finally {
      enter(this.#home);
    }
    const socket = this.atNear(() => {
      using netlink = new Netlink();
      netlink.request(setUp(10, true), setUp(1, true));
      return openFrameSocket({ index: 10, mark: 0 });
    });
    this.#sender = new FrameSender(socket, () => {});
    this.egress = { network: `/proc/${process.pid}/fd/${this.near}`, index: 10 };
    this.#in.view.setBigUint64(16, BigInt(this.#in.address + 64), true);
    this.#in.view.setBigUint64(24, 1n, true);
    this.#in.view.setBigUint64(64, BigInt(this.#in.address + 4096), true);
    this.#in.view.setBigUint64(72, BigInt(FRAME), true);
    this.#in.view.setBigUint64(32, BigInt(this.#in.address + 128), true);
  }

  atNear<T>(act: () => T): T {
    return inside({ namespaces: { net: this.near }, home: this.#home }, act);
  }

  atFar<T>(act: () => T): T {
    return inside({ namespaces: { net: this.far }, home: this.#home }, act);
  }

  now(): number {
    return this.#fast.now();
  }

  /** Sends a frame; returns an instant before it left. */
  send(frame: Uint8Array): number {
    const slot = this.#sent++ % 64;
    this.#out.bytes.set(frame, slot * FRAME);
    const before = this.now();
    this.#sender.add(this.#out.address + slot * FRAME, frame.length, slot);
    this.#sender.flush();
    return before;
  }

  /** Frames that have arrived. */
  receive(): Arrival[] {
    const arrivals: Arrival[] = [];
    for (;;) {
      this.#in.view.setBigUint64(40, 256n, true);
      const length = raw.recvmsg(this.#receiver, this.#in.address, 0);
      if (length < 0) return arrivals;
      const at = this.#fast.fromWall(this.#in.words[(128 + 16) / 4]!, this.#in.words[(128 + 24) / 4]!);
      arrivals.push({ at, frame: Buffer.from(this.#in.bytes.slice(4096, 4096 + length)) });
    }
  }

  /** Waits some milliseconds, and on while frames still arrive, since a machine may stand still; returns what arrived. */
  async rest(wait: number): Promise<Arrival[]> {
    const arrived: Arrival[] = [];
    for (let pause = wait; ; pause = 100) {
      await sleep(pause);
      const more = this.receive();
      if (more.length === 0) return arrived;
      arrived.push(...more);
    }
  }

  /** Sends numbered frames, one each `gap` nanoseconds, and waits for them; returns when each left, and what arrived. */
  async run(options: {
    count: number;
    gap?: number;
    wait?: number;
    frame?: (number: number) => Uint8Array;
  }): Promise<{ left: number[]; arrived: (Arrival & { number: number; took: number })[] }> {
    const { count, gap = 0, wait = 100, frame = numbered } = options;
    this.receive();
    const left: number[] = [];
    const arrived: Arrival[] = [];
    let due = this.now();
    for (let number = 0; number < count; number++) {
      left.push(this.send(frame(number)));
      due += gap;
      if (number % 64 === 0 || gap > 0) arrived.push(...this.receive());
      const rest = due - this.now();
      if (rest > 0) await sleep(rest / 1e6);
    }
    arrived.push(...(await this.rest(wait)));
    const ours = arrived.filter((arrival) => isNumbered(arrival.frame));
    return {
      left,
      arrived: ours.map((arrival) => {
        const number = arrival.frame.readUInt32BE(arrival.frame.length - 4);
        return { ...arrival, number, took: arrival.at - left[number]! };
      }),
    };
  }

  [Symbol.dispose](): void {
    for (const descriptor of [this.near, this.far, this.#home.net]) closeSync(descriptor);
  }
}

/** Puts the calling thread in a new network namespace, in which nothing speaks by itself. */
function makeNetwork(): number {
  unshare(['net']);
  writeFileSync('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1');
  return openOwn(['net']).net;
}

/** Listens for all frames at an interface of the calling thread's network namespace. */
function listen(index: number): number {
  const descriptor = call('socket', AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, ALL_PROTOCOLS);
  for (const [name, value] of [
    [SO_RCVBUFFORCE, 256 << 20],
    [SO_TIMESTAMPNS, 1],
  ] as const) {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32LE(value);
    call('setsockopt', descriptor, SOL_SOCKET, name, buffer, 4);
  }
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16LE(ALL_PROTOCOLS, 2);
  address.writeInt32LE(index, 4);
  call('bind', descriptor, address, address.length);
  return descriptor;
}

const MARKER = 0xfa11d111;

/** An Ethernet frame that ends with a marker and a number. */
export function numbered(
  number: number,
  { length = 100, type = 0x88b5, head }: { length?: number; type?: number; head?: Buffer } = {},
): Buffer {
  const frame = Buffer.alloc(length);
  frame.set([0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1]);
  frame.writeUInt16BE(type, 12);
  if (head) frame.set(head, 14);
  frame.writeUInt32BE(MARKER, length - 8);
  frame.writeUInt32BE(number, length - 4);
  return frame;
}

const isNumbered = (frame: Buffer) => frame.length >= 22 && frame.readUInt32BE(frame.length - 8) === MARKER;

/** The head of an IPv4 packet with ports, for `numbered` with type 0x0800. */
export function ipv4(options: {
  protocol?: number;
  source?: string;
  destination?: string;
  ports?: [number, number];
  dscp?: number;
  fragment?: number;
  options?: number;
}): Buffer {
  const {
    protocol = 17,
    source = '10.0.0.1',
    destination = '10.0.0.2',
    ports = [1000, 2000],
    dscp = 0,
  } = options;
  const words = 5 + (options.options ?? 0);
  const head = Buffer.alloc(words * 4 + 4);
  head.writeUInt8(0x40 | words, 0);
  head.writeUInt8(dscp << 2, 1);
  head.writeUInt16BE(options.fragment ?? 0, 6);
  head.writeUInt8(protocol, 9);
  head.set(source.split('.').map(Number), 12);
  head.set(destination.split('.').map(Number), 16);
  head.writeUInt16BE(ports[0], words * 4);
  head.writeUInt16BE(ports[1], words * 4 + 2);
  return head;
}
