import { atLeast, best, type Measurement, timeSince } from '../measurement.js';
import { runsAfter } from '../recovery.js';
import { ROUNDING } from '../track.js';
import { eventAndWindow, type Metric, probeOf, thresholdOf } from './metric.js';

export const timeToLoss: Metric = {
  name: 'time_to_loss',
  description:
    'from the event until the first packet is impaired: a soft failure hurts later than it happens',
  source: 'RFC 6412, convergence time against loss of connectivity',
  subject: 'packets',
  unit: 'duration',
  from: 'inject',
  bySampling: true,
  prefers: 'neither',
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const { at, window } = found;
    const times = probeOf(question).streams.flatMap((stream): Measurement[] => {
      const run = runsAfter(stream, at, window, thresholdOf(question))[0];
      if (!run) return [];
      const before = stream.sentAt(Math.max(stream.first, run.first - 1)) - ROUNDING;
      const after = stream.sentAt(run.first) + ROUNDING;
      return [{ ...timeSince(at, { before, after }), of: stream.name }];
    });
    return [times.length > 0 ? best(times) : atLeast(window.to - at.after, 'nothing was lost')];
  },
};
