import { runsAfter } from '../recovery.js';
import { impairedCount } from '../runs.js';
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
      // Each end of each run can be off by one interval, or by what the sender was late.
      const late = runs.reduce(
        (most, { first, last }) => Math.max(most, stream.lateness(first), stream.lateness(last)),
        0,
      );
      const value = impairedCount(runs) * stream.interval;
      const error = stream.interval * Math.max(1, runs.length) + late;
      return { value, lower: Math.max(0, value - error), upper: value + error, of: stream.name };
    });
  },
};
