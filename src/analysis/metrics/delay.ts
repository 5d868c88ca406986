import type { Measurement } from '../measurement.js';
import { delaysOf } from '../runs.js';
import { TIMESTAMP_ERROR } from '../track.js';
import { type Metric, probeOf, windowOfEffect } from './metric.js';

/** A figure of the one-way delays of each flow from an event to the next step. */
const ofDelays = (options: {
  name: string;
  description: string;
  source: string;
  /** From the delays, shortest first. */
  figure: (delays: readonly number[]) => number;
  /** Timestamps that go into it, each with its error. */
  stamps: number;
}): Metric => {
  const { figure, stamps, ...rest } = options;
  return {
    ...rest,
    subject: 'one-way',
    unit: 'duration',
    from: 'inject',
    bySampling: false,
    measure(question) {
      const window = windowOfEffect(question);
      if (!window) return [];
      const error = (stamps * TIMESTAMP_ERROR) / 2;
      return probeOf(question).streams.flatMap((stream): Measurement[] => {
        const delays = delaysOf(stream, window, window.end);
        if (delays.length === 0) return [];
        const value = figure(delays);
        return [{ value, lower: Math.max(0, value - error), upper: value + error, of: stream.name }];
      });
    },
  };
};

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

export const oneWayDelay = ofDelays({
  name: 'one_way_delay',
  description:
    'median one-way delay of the packets from the event to the next step, for each flow and direction',
  source: 'RFC 7679',
  figure: (delays) => quantile(delays, 0.5),
  stamps: 2,
});

export const delayVariation = ofDelays({
  name: 'delay_variation',
  description:
    'one-way delay that 99 % of the packets do not exceed, minus the shortest, from the event to the next step, for each flow and direction',
  source: 'RFC 5481, PDV',
  figure: (delays) => quantile(delays, 0.99) - delays[0]!,
  stamps: 4,
});
