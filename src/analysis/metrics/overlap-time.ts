import { measureActive } from './active-time.js';
import type { Metric } from './metric.js';

export const overlapTime: Metric = {
  name: 'overlap_time',
  description:
    'time in which both watches were active: of two `address` watches, that two nodes held one address at once (split brain)',
  source: 'RFC 5798, more than one active router',
  subject: 'two watches',
  unit: 'duration',
  from: 'trial',
  bySampling: false,
  needsState: true,
  measure: measureActive,
};
