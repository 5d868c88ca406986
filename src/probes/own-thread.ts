import type { Anchor, Instant } from '../linux/clock.js';
import type { ProbeData, ProbeSetup, Stream } from './probe.js';
import type { Probe } from './registry.js';

/** What the thread of a single probe is started with. */
export interface OwnThreadData {
  anchor: Anchor;
  /** An Int32Array's buffer; its first element is set to end the thread. */
  stop: SharedArrayBuffer;
  setup: Omit<ProbeSetup<Probe>, 'start'>;
}

/** What it says. */
export type OwnThreadMessage =
  | { kind: 'armed'; streams: Stream[] }
  | { kind: 'data'; at: Instant; data: ProbeData };
