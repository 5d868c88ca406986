import { activations } from '../activations.js';
import { eventAndWindow, type Metric } from './metric.js';

export const signals: Metric = {
  name: 'signals',
  description:
    'signals of a watch from the event to the next step: none where a gateway sits a fault out, more than one where its failover flaps',
  source: 'RFC 2439, flap: a route withdrawn and announced again',
  subject: 'watch',
  unit: 'number',
  from: 'inject',
  bySampling: false,
  prefers: 'neither',
  needsEvents: true,
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const { at, window } = found;
    const all = activations(question.data.signals.get(question.subjects[0]!) ?? [], found);
    const sure = all.filter((activation) => activation.sure);
    // One whose instant is not known that closely may have come before the event or after the next step.
    const certain = sure.filter(({ before, after }) => before >= at.after && after <= window.to);
    const upper = all.some(({ repeatedly }) => repeatedly) ? Number.POSITIVE_INFINITY : all.length;
    return [{ value: sure.length, lower: certain.length, upper }];
  },
};
