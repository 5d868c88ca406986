import type { ProbeTrack } from '../drill-data.js';
import { exact, type Measurement } from '../measurement.js';
import type { Window } from '../runs.js';
import { ROUNDING, type StreamTrack } from '../track.js';
import { type Metric, probeOf, type Question } from './metric.js';

const windowOf = ({ trial: { from, to } }: Question): Window => ({ from, to });

/** A record sent this shortly before the end need not have arrived, nanoseconds. */
const UNDERWAY = 1e9;

/** Why a session did not survive a window, or nothing. */
export function endOfSession(probe: ProbeTrack, session: number, window: Window): string | undefined {
  const event = probe.sessions.find(
    (event) =>
      event.session === session &&
      event.what !== 'connected' &&
      event.at >= window.from &&
      event.at <= window.to,
  );
  if (event) return `${event.what}: ${event.detail}`;
  const there = probe.streams[2 * session]!;
  const back = probe.streams[2 * session + 1]!;
  const end = there.firstFrom(window.to - UNDERWAY);
  let missing = 0;
  for (let number = there.firstFrom(window.from); number < end; number++) {
    const [arrived, echoed] = [there, back].map((stream) => stream.receivedAt(number) <= window.to);
    if (!arrived || !echoed) missing++;
  }
  return missing > 0 ? `stalled at the end: ${missing} records not delivered` : undefined;
}

export const sessionsSurvived: Metric = {
  name: 'sessions_survived',
  description: 'share of sessions that kept their connection and delivered every record in order',
  source: 'this project',
  subject: 'sessions',
  unit: 'share',
  from: 'trial',
  bySampling: false,
  prefers: 'more',
  measure(question) {
    const probe = probeOf(question);
    const sessions = probe.streams.length / 2;
    let survived = 0;
    for (let session = 0; session < sessions; session++) {
      if (endOfSession(probe, session, windowOf(question)) === undefined) survived++;
    }
    return [exact(survived / sessions)];
  },
};

/** The longest time without an arrival in a stream, among arrivals in a window and its two ends. */
function longestGap(stream: StreamTrack, window: Window, count: number): number {
  let gap = 0;
  let last = window.from;
  for (const at of [...stream.arrivals(window, count), window.to]) {
    gap = Math.max(gap, at - last);
    last = at;
  }
  return gap;
}

export const sessionStall: Metric = {
  name: 'session_stall',
  description:
    'longest time without progress in a session, for each session; TCP backs off, so it may be up to twice the outage',
  source: 'RFC 6298, backing off',
  subject: 'sessions',
  unit: 'duration',
  from: 'trial',
  bySampling: false,
  measure(question): Measurement[] {
    const { streams, interval } = probeOf(question);
    return streams.map((stream, index) => {
      const count = streams[index - (index % 2)]!.count;
      const value = longestGap(stream, windowOf(question), count);
      const of = `session ${stream.flow} ${stream.way}`;
      return { value, lower: Math.max(0, value - interval), upper: value + ROUNDING, of };
    });
  },
};
