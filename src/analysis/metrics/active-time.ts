import { activeTime as timeOf } from '../spans.js';
import { type Metric, type Question, windowOf } from './metric.js';

/** Measures the time in which all watches of a question were active. */
export const measureActive = (question: Question) => {
  const window = windowOf(question);
  const watches = question.subjects.map((watch) => question.data.signals.get(watch) ?? []);
  return window ? [timeOf(watches, window)] : [];
};

export const activeTime: Metric = {
  name: 'active_time',
  description:
    'time in which a watch was active: of a `duplicate-address` watch, how long two stations answered for one address; of a `bfd` watch, how long the session was down',
  source: 'RFC 5798, more than one active router',
  subject: 'watch',
  unit: 'duration',
  from: 'trial',
  bySampling: false,
  needsState: true,
  measure: measureActive,
};
