import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type Anchor, type Bracket, FastClock } from '../linux/clock.js';
import { FrameSender } from '../linux/frames.js';
import { close, raw } from '../linux/libc.js';
import { POLLIN, Poller } from '../linux/poller.js';
import { becomePunctual } from '../linux/scheduling.js';
import { socketPair } from '../linux/sockets.js';
import { Wakefulness } from '../linux/wakefulness.js';
import type { Lateness } from './engine.js';
import { FrameStore, HEADER } from './frame-store.js';
import { type Impairment, impairment } from './impairment.js';
import { type Counters, Stage } from './stage.js';

/** What the relay is started with. */
export interface RelayWorkerData {
  anchor: Anchor;
  stop: SharedArrayBuffer;
  /** Descriptor that is written to when there is an order. */
  wake: number;
}

/** Descriptors of a direction that passes the relay. */
export interface RelayPort {
  port: number;
  /** TAP that its frames come from. */
  tap: number;
  /** Socket that they go on by. */
  out: number;
}

/** What the relay is told. */
export type RelayOrder =
  | ({ order: 'open' } & RelayPort)
  | { order: 'close'; port: number }
  | { order: 'set'; port: number; stage: string; impairment: Impairment | undefined; seed: number }
  | { order: 'count'; port: number; stage: string };

/** What came of an order: when it was carried out, and the counters of its stage. */
export interface RelayAnswer extends Bracket {
  counters?: Counters;
}

export type RelayMessage =
  | { kind: 'armed'; scheduling: 'fifo' | 'normal' }
  | ({ kind: 'answer' } & RelayAnswer)
  | ({ kind: 'late' } & Lateness);

/** Longest that the relay looks at the clock instead of sleeping before a packet is due, and its share of all time, where it may. */
const SPIN = 60e3;
const SPIN_SHARE = 0.2;
const SPIN_MOST = 5e6;

/** How often lateness is told. */
const HAND_OVER = 200e6;

/** Frames that it takes until the compiler has nothing left to do. */
const WARM_UP = 10_000;

/** Frames that are read from one direction before the others get their turn. */
const TURN = 64;

interface Open extends RelayPort {
  sender: FrameSender;
  /** Impairments that frames pass one after the other. */
  stages: { name: string; stage: Stage }[];
}

const { anchor, stop, wake } = workerData as RelayWorkerData;
const parent = parentPort!;
const stopped = new Int32Array(stop);
const say = (message: RelayMessage) => parent.postMessage(message);
const clock = new FastClock(anchor);
const poller = new Poller();
const store = new FrameStore();
const ports = new Map<number, Open>();
const late: Lateness = { at: 0, packets: 0, worst: 0 };
let wakefulness: Wakefulness | undefined;

const handlers: {
  [O in RelayOrder['order']]: (order: Extract<RelayOrder, { order: O }>) => Counters | undefined;
} = {
  open({ port, tap, out }) {
    const sender = new FrameSender(out, (frame) => store.free(frame));
    const open: Open = { port, tap, out, sender, stages: [] };
    ports.set(port, open);
    poller.add(tap, POLLIN, () => receive(open));
    return undefined;
  },
  close({ port }) {
    const { tap, stages } = ports.get(port)!;
    for (const { stage } of stages)
      for (let frame = stage.remove(); frame !== undefined; frame = stage.remove()) store.free(frame);
    poller.remove(tap);
    ports.delete(port);
    stayAwake();
    return undefined;
  },
  set({ port, stage: name, impairment, seed }) {
    const open = ports.get(port)!;
    const { stages } = open;
    // What came before the change is treated as before.
    while (receive(open));
    const now = clock.now();
    const found = stages.find((entry) => entry.name === name);
    if (impairment && found) found.stage.change(impairment, now);
    else if (impairment) stages.push({ name, stage: new Stage({ impairment, store, seed, now }) });
    else if (found) found.stage.retire();
    stayAwake();
    return found?.stage.counters;
  },
  count({ port, stage: name }) {
    return ports.get(port)!.stages.find((entry) => entry.name === name)?.stage.counters;
  },
};

function obey() {
  const count = Buffer.alloc(8);
  raw.read(wake, count, 8);
  for (let received = receiveMessageOnPort(parent); received; received = receiveMessageOnPort(parent)) {
    const order = received.message as RelayOrder;
    const before = clock.now();
    const counters = handlers[order.order](order as never);
    say({ kind: 'answer', before, after: clock.now(), ...(counters && { counters: { ...counters } }) });
  }
}

/** Takes frames in for one turn; returns whether there may be more. */
function receive(port: Open): boolean {
  for (let turn = 0; turn < TURN; turn++) {
    const frame = store.read(port.tap);
    if (frame === undefined) return false;
    pass(port, 0, frame, clock.now());
    // One that comes alone does not wait until it is clear that no other comes.
    if (turn === 0) moveOn(port);
  }
  return true;
}

/** Hands a frame to the next impairment, or sends it. */
function pass(port: Open, from: number, frame: number, now: number) {
  const next = port.stages[from];
  if (next) next.stage.take(frame, now);
  else store.send(frame, port.sender);
}

/** Moves on what is due on a port; returns when something will be. */
function moveOn(port: Open): number {
  let next = Number.POSITIVE_INFINITY;
  for (let at = 0; at < port.stages.length; at++) {
    const { stage } = port.stages[at]!;
    for (;;) {
      const due = stage.next;
      if (due === Number.POSITIVE_INFINITY) break;
      const now = clock.now();
      if (due > now) {
        next = Math.min(next, due);
        break;
      }
      const frame = stage.give(now);
      if (frame === undefined) break;
      late.packets++;
      if (due > 0) late.worst = Math.max(late.worst, now - due);
      // A later impairment counts from when the frame was due, so that lateness does not add up.
      pass(port, at + 1, frame, due > 0 ? due : now);
    }
  }
  port.sender.flush();
  for (let at = port.stages.length - 1; at >= 0; at--) {
    if (!port.stages[at]!.stage.isOver) continue;
    port.stages.splice(at, 1);
    stayAwake();
  }
  return next;
}

/** Moves on what is due; returns when something will be. */
function move(): number {
  let next = Number.POSITIVE_INFINITY;
  for (const port of ports.values()) next = Math.min(next, moveOn(port));
  return next;
}

/** Keeps the processors awake while there is something to delay. */
function stayAwake() {
  const isNeeded = [...ports.values()].some(({ stages }) => stages.length > 0);
  if (isNeeded) wakefulness ??= new Wakefulness();
  else {
    wakefulness?.[Symbol.dispose]();
    wakefulness = undefined;
  }
}

function handOver(now: number) {
  if (late.packets > 0) say({ kind: 'late', ...late, at: now });
  late.packets = 0;
  late.worst = 0;
}

/** Sends frames to nowhere, so that the compiler is done with their way before the first one that matters. */
function warmUp() {
  const [[source, tap], [out, sink]] = [socketPair(), socketPair()];
  const frame = Buffer.alloc(HEADER + 100);
  const said = { delay: '0ms', jitter: '1us', distribution: 'normal', rate: '100gbit', loss: '1%' } as const;
  const stage = new Stage({ impairment: impairment(said), store, seed: 1, now: clock.now() });
  const port: Open = {
    port: 0,
    tap,
    out,
    sender: new FrameSender(out, (frame) => store.free(frame)),
    stages: [{ name: 'x', stage }],
  };
  for (let count = 0; count < WARM_UP; count++) {
    raw.write(source, frame, frame.length);
    receive(port);
    moveOn(port);
    raw.read(sink, frame, frame.length);
  }
  for (let left = stage.remove(); left !== undefined; left = stage.remove()) store.free(left);
  for (const descriptor of [source, tap, out, sink]) close(descriptor);
  late.packets = 0;
  late.worst = 0;
}

warmUp();
poller.add(wake, POLLIN, obey);
const scheduling = becomePunctual();
say({ kind: 'armed', scheduling });
let budget = 0;
let handOverAt = clock.now() + HAND_OVER;
let last = clock.now();
while (Atomics.load(stopped, 0) === 0) {
  const due = move();
  const now = clock.now();
  if (now >= handOverAt) {
    handOver(now);
    handOverAt = now + HAND_OVER;
  }
  budget = Math.min(SPIN_MOST, budget + (now - last) * SPIN_SHARE);
  last = now;
  const spin = scheduling === 'fifo' && budget >= SPIN ? SPIN : 0;
  if (due - now <= spin) {
    // A look at the TAPs without waiting costs little, and keeps what comes in from waiting for what goes out.
    poller.wait(0);
    budget -= clock.now() - now;
  } else poller.wait(Math.min(due, handOverAt) - now - spin);
}
handOver(clock.now());
parent.close();
