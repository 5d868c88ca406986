import { parentPort, workerData } from 'node:worker_threads';
import { type Anchor, FastClock } from '../linux/clock.js';
import { type LinkCounters, listCounters } from '../linux/links.js';
import { insideNetwork } from '../linux/namespaces.js';
import { Netlink } from '../linux/netlink.js';
import { Poller } from '../linux/poller.js';
import type { LinkMeter } from '../runtime/runtime.js';

/** What the path tap's worker is started with: where each link's packets forth and back are counted. */
export interface PathWorkerData {
  anchor: Anchor;
  stop: SharedArrayBuffer;
  links: { name: string; meters: readonly [LinkMeter, LinkMeter] }[];
}

/** Packets that each link delivered forth and back between successive instants. */
export interface LinkBins {
  from: number;
  at: number[];
  counts: Record<string, [number[], number[]]>;
}

export type PathWorkerMessage = { kind: 'armed' } | ({ kind: 'bins' } & LinkBins);

/** Length of a bin, and how many are handed over at once. */
const BIN = 20e6;
const BATCH = 10;

const { anchor, stop, links } = workerData as PathWorkerData;
const say = (message: PathWorkerMessage) => parentPort!.postMessage(message);
const stopped = new Int32Array(stop);
const clock = new FastClock(anchor);
const poller = new Poller(1);

const networks = [...new Set(links.flatMap(({ meters }) => meters.map(({ network }) => network)))];
const sockets = networks.map((network) => ({
  network,
  netlink: insideNetwork(network, () => new Netlink()),
}));

/** Packets sent by each interface of each network. */
function look(): Map<string, Map<number, number>> {
  const sent = (counters: LinkCounters[]) => new Map(counters.map(({ index, sent }) => [index, sent]));
  return new Map(sockets.map(({ network, netlink }) => [network, sent(listCounters(netlink))]));
}

let last = look();
let bins: LinkBins = { from: clock.now(), at: [], counts: {} };
say({ kind: 'armed' });

function bin() {
  const now = look();
  bins.at.push(clock.now());
  for (const { name, meters } of links) {
    const moved = meters.map(({ network, index }) => {
      const before = last.get(network)?.get(index) ?? 0;
      const after = now.get(network)?.get(index) ?? 0;
      // An interface that was made anew, after a power cycle, counts from zero.
      return after >= before ? after - before : after;
    });
    bins.counts[name] ??= [[], []];
    for (const way of [0, 1] as const) bins.counts[name][way].push(moved[way]!);
  }
  last = now;
  if (bins.at.length === BATCH) handOver();
}

function handOver() {
  for (const [name, ways] of Object.entries(bins.counts)) {
    if (ways.every((counts) => counts.every((count) => count === 0))) delete bins.counts[name];
  }
  say({ kind: 'bins', ...bins });
  bins = { from: bins.at.at(-1) ?? bins.from, at: [], counts: {} };
}

for (let due = clock.now() + BIN; Atomics.load(stopped, 0) === 0; ) {
  poller.wait(due - clock.now());
  if (clock.now() < due) continue;
  bin();
  // After a bin that came late the next is a whole one again: a short one holds too few packets to tell anything.
  due = Math.max(due + BIN, clock.now() + BIN / 2);
}
handOver();
for (const { netlink } of sockets) netlink[Symbol.dispose]();
parentPort!.close();
