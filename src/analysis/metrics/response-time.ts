import type { Measurement } from '../measurement.js';
import { medianDelay, type Window } from '../runs.js';
import { type StreamTrack, TIMESTAMP_ERROR } from '../track.js';
import { type Metric, probeOf, windowOfEffect } from './metric.js';

/** What a timer of Node.js is late by itself, nanoseconds. */
const TIMER = 2e6;

/** How late a client's thread was at worst: it may have seen an answer as late as it made a request. */
const latest = (stream: StreamTrack, { from, to }: Window): number => {
  let most = TIMER;
  for (let number = stream.firstFrom(from); number < stream.firstFrom(to); number++)
    most = Math.max(most, stream.lateness(number));
  return most;
};

export const responseTime: Metric = {
  name: 'response_time',
  description:
    'median time from request to complete answer of the requests from the event to the next step, for each client; what failed has none',
  source: 'RFC 2681, round-trip delay',
  subject: 'round-trip',
  unit: 'duration',
  from: 'inject',
  bySampling: false,
  measure(question) {
    const window = windowOfEffect(question);
    if (!window) return [];
    const { id, streams } = probeOf(question);
    // Others have the kernel's timestamps.
    const isClient = question.data.clients.has(id);
    return streams.flatMap((stream): Measurement[] => {
      const value = medianDelay(stream, window, window.end);
      if (Number.isNaN(value)) return [];
      const [early, late] = isClient ? [latest(stream, window), 0] : [TIMESTAMP_ERROR, TIMESTAMP_ERROR];
      return [{ value, lower: Math.max(0, value - early), upper: value + late, of: stream.name }];
    });
  },
};
