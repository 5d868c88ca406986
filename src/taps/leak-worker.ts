import { parentPort, workerData } from 'node:worker_threads';
import { captureDrops, interfaceOf, openCapture } from '../linux/capture.js';
import { type Anchor, FastClock, type Instant } from '../linux/clock.js';
import { DatagramReader } from '../linux/datagrams.js';
import { close } from '../linux/libc.js';
import { insideNetwork } from '../linux/namespaces.js';
import { POLLIN, Poller, SLICE } from '../linux/poller.js';
import { isOurs, markOf, probeOf } from '../probes/packet.js';
import type { Direction, LinkMeter } from '../runtime/runtime.js';

/** What the leak tap is started with. */
export interface LeakWorkerData {
  anchor: Anchor;
  stop: SharedArrayBuffer;
  /** Tells this drill's packets from others'. */
  tag: number;
  links: { name: string; meters: readonly [LinkMeter, LinkMeter] }[];
  /** Who looks for the drill's mark first: the kernel, where it can, or only this thread. */
  search: 'kernel' | 'thread';
}

/** Packets of one probe that were seen in plaintext on a link, one way, since the last word. */
export interface Leak {
  link: string;
  direction: Direction;
  /** Position among the drill's probes. */
  probe: number;
  packets: number;
  first: Instant;
  last: Instant;
  /** The beginning of the first of them, in hexadecimal. */
  excerpt: string;
}

export type LeakWorkerMessage =
  | { kind: 'armed' }
  | {
      kind: 'captured';
      at: Instant;
      leaks: Leak[] /** Packets that there was no room for. */;
      dropped: number;
    };

const HAND_OVER = 200e6;

/** Bytes of a leaked packet that a report has room for: its headers, and the beginning of what they carry. */
const EXCERPT = 80;

const { anchor, stop, tag, links, search } = workerData as LeakWorkerData;
const say = (message: LeakWorkerMessage) => parentPort!.postMessage(message);
const stopped = new Int32Array(stop);
const clock = new FastClock(anchor);
const poller = new Poller();
const reader = new DatagramReader(clock);
const bytes = Buffer.from(reader.packets.buffer, reader.packets.byteOffset, reader.packets.byteLength);
const mark = markOf(tag);
const leaks = new Map<string, Leak>();

const ways = links.flatMap(({ name: link, meters }) =>
  (['forth', 'back'] as const).map((direction, side) => ({ link, direction, ...meters[side]! })),
);

const captures = [...new Set(ways.map(({ network }) => network))].map((network) => {
  const own = new Map(ways.filter((way) => way.network === network).map((way) => [way.index, way]));
  const descriptor = insideNetwork(network, () =>
    openCapture([...own.keys()], search === 'kernel' ? mark : undefined),
  );
  poller.add(descriptor, POLLIN, () =>
    reader.drain(descriptor, ({ offset, length, at, source }) => {
      const way = own.get(interfaceOf(reader.sources, source));
      if (way) look(way, { offset, length, at });
    }),
  );
  return descriptor;
});

function look(
  { link, direction }: Pick<Leak, 'link' | 'direction'>,
  { offset, length, at }: { offset: number; length: number; at: Instant },
) {
  const packet = bytes.subarray(offset, offset + length);
  for (let found = packet.indexOf(mark); found >= 0; found = packet.indexOf(mark, found + 1)) {
    const probe = probeOf(reader.packets, offset + found);
    if (!isOurs(reader.packets, offset + found, length - found, tag, probe)) continue;
    note({ link, direction, probe, packets: 1, first: at, last: at, excerpt: '' }, packet);
    return;
  }
}

function note(leak: Leak, packet: Buffer) {
  const key = `${leak.link} ${leak.direction} ${leak.probe}`;
  const known = leaks.get(key);
  if (known) {
    known.packets++;
    known.last = leak.last;
  } else leaks.set(key, { ...leak, excerpt: packet.toString('hex', 0, EXCERPT) });
}

function handOver() {
  const dropped = captures.reduce((sum, descriptor) => sum + captureDrops(descriptor), 0);
  say({ kind: 'captured', at: clock.now(), leaks: [...leaks.values()], dropped });
  leaks.clear();
}

say({ kind: 'armed' });
for (let due = clock.now() + HAND_OVER; Atomics.load(stopped, 0) === 0; ) {
  poller.wait(Math.min(SLICE, Math.max(0, due - clock.now())));
  if (clock.now() < due) continue;
  handOver();
  due = clock.now() + HAND_OVER;
}
handOver();
for (const descriptor of captures) close(descriptor);
parentPort!.close();
