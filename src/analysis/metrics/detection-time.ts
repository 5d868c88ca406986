import type { Bracket } from '../../linux/clock.js';
import { activations } from '../activations.js';
import { atLeast, between, type Measurement, timeSince } from '../measurement.js';
import type { Window } from '../runs.js';
import { eventAndWindow, type Metric, type Question } from './metric.js';

/** When a watch first became active after an event; the bracket has no end where it may not have done so. */
function firstSignal(
  { data }: Question,
  watch: string,
  span: { at: Bracket; window: Window },
): Bracket | undefined {
  const all = activations(data.signals.get(watch) ?? [], span);
  if (all.length === 0) return undefined;
  const ends = all.filter(({ sure }) => sure).map(({ after }) => after);
  return {
    before: Math.min(...all.map(({ before }) => before)),
    after: Math.min(Number.POSITIVE_INFINITY, ...ends),
  };
}

export const detectionTime: Metric = {
  name: 'detection_time',
  description: 'from the event until the first signal of a watch; never inferred from loss',
  source: 'RFC 6894, detection as a phase of its own',
  subject: 'watch',
  unit: 'duration',
  from: 'inject',
  bySampling: false,
  isDetected: true,
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const { at, window } = found;
    const signal = firstSignal(question, question.subjects[0]!, found);
    return [signal ? timeSince(at, signal) : atLeast(window.to - at.after, 'not observed')];
  },
};

export const decisionTime: Metric = {
  name: 'decision_time',
  description: 'from the first signal of one watch (who noticed) to that of another (what was changed)',
  source: 'RFC 6412',
  subject: 'two watches',
  unit: 'duration',
  from: 'inject',
  bySampling: false,
  measure(question): Measurement[] {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const [detected, decided] = question.subjects.map((watch) => firstSignal(question, watch, found));
    // It may have been noticed at any later time.
    if (!detected) return [atLeast(Number.NEGATIVE_INFINITY, 'not observed')];
    if (!decided) return [atLeast(found.window.to - detected.after, 'not observed')];
    return [between(decided.before - detected.after, decided.after - detected.before)];
  },
};
