import { lostTime } from '../lost-time.js';
import { runsAfter, unnoticed } from '../recovery.js';
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
      return { ...lostTime(stream, runs), of };
    });
  },
};
