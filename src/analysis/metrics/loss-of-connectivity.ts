import { runsAfter, unnoticed } from '../recovery.js';
import { impairedCount, type Run } from '../runs.js';
import { ROUNDING } from '../track.js';
import { eventAndWindow, type Metric, probeOf, thresholdOf } from './metric.js';

export const lossOfConnectivity: Metric = {
  name: 'loss_of_connectivity',
  description: 'impaired packets of a flow times its interval, for each flow and direction',
  source: 'RFC 6412 equation 8',
  subject: 'packets',
  unit: 'duration',
  from: 'inject',
  bySampling: true,
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    return probeOf(question).streams.map((stream) => {
      const runs = runsAfter(stream, found.at, found.window, thresholdOf(question));
      const of = stream.name;
      if (runs.length === 0) return { value: 0, lower: 0, upper: unnoticed(stream, found.at), of };
      // An outage began after the last packet that got through was sent, and ended before the next one that did.
      const total = (length: (run: Run) => number) => runs.reduce((sum, run) => sum + length(run), 0);
      const lower = total(({ first, last }) => stream.sentAt(last) - stream.sentAt(first));
      const upper = total(({ first, last }) => stream.sentAfter(last) - stream.sentBefore(first)) + ROUNDING;
      const value = Math.min(upper, Math.max(lower, impairedCount(runs) * stream.interval));
      return { value, lower: Math.max(0, lower - ROUNDING), upper, of };
    });
  },
};
