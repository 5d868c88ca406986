import { atLeast, best, type Measurement } from '../measurement.js';
import { runsAfter, timeBack, unnoticed } from '../recovery.js';
import { ROUNDING } from '../track.js';
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
      const next = first.last + 1;
      const lower = Math.max(0, stream.sentAt(first.last) - at.after - ROUNDING);
      if (next >= stream.firstFrom(window.to))
        return [{ ...atLeast(lower, 'no flow came back'), of: stream.name }];
      const upper = stream.receivedAt(next) - at.before + ROUNDING;
      return [{ value: timeBack(stream, at, first), lower, upper, of: stream.name }];
    });
    if (times.length > 0) return [best(times)];
    const upper = Math.max(...probeOf(question).streams.map((stream) => unnoticed(stream, at)));
    return [{ value: 0, lower: 0, upper }];
  },
};
