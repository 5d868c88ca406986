import { worst } from '../measurement.js';
import { recoveryOf } from '../recovery.js';
import { eventAndWindow, type Metric, probeOf, thresholdOf } from './metric.js';

export const recoveryTime: Metric = {
  name: 'recovery_time',
  description:
    'from the event until every flow is unimpaired again and stays so for the validation time; the RTO is a target of it',
  source: 'RFC 6412; RFC 6414, timestamp-based method',
  subject: 'packets',
  unit: 'duration',
  from: 'inject',
  bySampling: true,
  isDetected: true,
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const validation = question.data.scenario['validation-time'];
    const options = { ...found, validation, threshold: thresholdOf(question) };
    return [worst(probeOf(question).streams.map((stream) => recoveryOf({ ...options, stream })))];
  },
};
