import type { Target } from '../scenario/target.js';

/** What is measured, of what, from when on. */
export interface Quantity {
  metric: string;
  /** The probe, or the watches. */
  subject: string;
  /** The event, where it is not the metric's own: `cut2`, `clear cut2`. */
  event?: string;
}

/** The quantity that a target is about. */
export const quantityOf = ({
  metric,
  subjects,
  event,
}: Pick<Target, 'metric' | 'subjects' | 'event'>): Quantity => ({
  metric,
  subject: subjects.join(', '),
  ...(event && { event: `${event.clear ? 'clear ' : ''}${event.fault}` }),
});

/** A quantity as a target names it: `recovery_time(app after cut2)`. */
export const quantityName = ({ metric, subject, event }: Quantity): string => {
  const inside = [subject, event === undefined ? '' : `after ${event}`].filter(Boolean).join(' ');
  return inside === '' ? metric : `${metric}(${inside})`;
};
