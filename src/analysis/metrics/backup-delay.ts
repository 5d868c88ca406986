import type { Measurement } from '../measurement.js';
import { recoveryOf } from '../recovery.js';
import { medianDelay } from '../runs.js';
import { TIMESTAMP_ERROR } from '../track.js';
import { eventAndWindow, type Metric, probeOf, thresholdOf } from './metric.js';

export const backupDelay: Metric = {
  name: 'backup_delay',
  description:
    'median one-way delay after the recovery minus that before the event, for each flow and direction',
  source: 'RFC 6414, additive backup delay',
  subject: 'one-way',
  unit: 'duration',
  from: 'inject',
  bySampling: false,
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const { at, window } = found;
    const validation = question.data.scenario['validation-time'];
    return probeOf(question).streams.flatMap((stream): Measurement[] => {
      const recovery = recoveryOf({ stream, at, window, threshold: thresholdOf(question), validation });
      if (recovery.missing !== undefined) return [];
      const primary = medianDelay(stream, { from: question.trial.from, to: at.before });
      const backup = medianDelay(stream, { from: at.after + recovery.upper, to: window.to });
      if (Number.isNaN(backup - primary)) return [];
      const value = backup - primary;
      return [{ value, lower: value - TIMESTAMP_ERROR, upper: value + TIMESTAMP_ERROR, of: stream.name }];
    });
  },
};
