import { atLeast, best, type Measurement } from '../measurement.js';
import { leastTimeBack, runsAfter, timeBack, unnoticed } from '../recovery.js';
import { eventAndWindow, type Metric, probeOf, thresholdOf } from './metric.js';

export const firstFlowTime: Metric = {
  name: 'first_flow_time',
  description: 'from the event until the first flow that was impaired is unimpaired again',
  source: 'RFC 6412, first route convergence instant',
  subject: 'packets',
  unit: 'duration',
  from: 'inject',
  bySampling: true,
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const { at, window } = found;
    const times = probeOf(question).streams.flatMap((stream): Measurement[] => {
      const first = runsAfter(stream, at, window, thresholdOf(question))[0];
      if (!first) return [];
      if (first.last + 1 < stream.firstFrom(window.to)) return [timeBack(stream, at, first)];
      return [{ ...atLeast(leastTimeBack(stream, at, first), 'no flow came back'), of: stream.name }];
    });
    if (times.length > 0) return [best(times)];
    const upper = Math.max(...probeOf(question).streams.map((stream) => unnoticed(stream, at)));
    return [{ value: 0, lower: 0, upper }];
  },
};
