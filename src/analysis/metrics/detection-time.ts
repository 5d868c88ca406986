import type { Bracket } from '../../linux/clock.js';
import { atLeast, type Measurement } from '../measurement.js';
import { eventAndWindow, type Metric, type Question } from './metric.js';

/** The first signal of a watch in the time after an event. */
function firstSignal(
  { data }: Question,
  watch: string,
  { before, to }: { before: number; to: number },
): Bracket | undefined {
  return data.signals
    .get(watch)
    ?.find((signal) => signal.active && signal.after >= before && signal.before <= to);
}

export const detectionTime: Metric = {
  name: 'detection_time',
  description: 'from the event until the first signal of a watch; never inferred from loss',
  source: 'RFC 6894, detection as a phase of its own',
  subject: 'watch',
  unit: 'duration',
  from: 'inject',
  bySampling: false,
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    const { at, window } = found;
    const signal = firstSignal(question, question.subjects[0]!, { before: at.before, to: window.to });
    if (!signal) return [atLeast(window.to - at.after, 'not observed')];
    const lower = Math.max(0, signal.before - at.after);
    const upper = Math.max(lower, signal.after - at.before);
    return [{ value: (lower + upper) / 2, lower, upper }];
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
    const span = { before: found.at.before, to: found.window.to };
    const [detected, decided] = question.subjects.map((watch) => firstSignal(question, watch, span));
    if (!detected) return [atLeast(0, 'not observed')];
    if (!decided) return [atLeast(Math.max(0, found.window.to - detected.after), 'not observed')];
    const [lower, upper] = [decided.before - detected.after, decided.after - detected.before];
    return [{ value: (lower + upper) / 2, lower, upper }];
  },
};
