import { confirmationOf } from '../drill-data.js';
import { atLeast, between, timeSince } from '../measurement.js';
import { eventAndWindow, type Metric } from './metric.js';

export const operatorResponseTime: Metric = {
  name: 'operator_response_time',
  description: 'from when an operator step was shown until somebody confirmed it',
  source: 'incident management, time to acknowledge',
  subject: 'operator step',
  unit: 'duration',
  from: 'trial',
  bySampling: false,
  measure({ trial, subjects }) {
    const instruction = trial.instructions.find(({ name }) => name === subjects[0]);
    if (!instruction) return [];
    if (instruction.skipped) return [atLeast(0, 'not asked')];
    const answer = confirmationOf(trial, instruction);
    if (!answer) return [atLeast((instruction.unanswered ?? trial.to) - instruction.t, 'not answered')];
    return [between(answer.before - instruction.t, answer.after - instruction.t)];
  },
};

export const operatorDetectionTime: Metric = {
  name: 'operator_detection_time',
  description: 'from the event until the first operator says that something is wrong',
  source: 'incident management, time to detect; RFC 6894, detection as a phase of its own',
  subject: 'operators',
  unit: 'duration',
  from: 'inject',
  bySampling: false,
  measure(question) {
    const found = eventAndWindow(question, 'inject');
    if (!found) return [];
    if (!question.data.asksPeople) return [atLeast(0, 'nobody was asked')];
    const { at, window } = found;
    // What was surely said before the event is a false alarm.
    const notice = question.trial.acts.find(
      ({ act, before, after }) => act === 'notice' && after >= at.before && before <= window.to,
    );
    return [notice ? timeSince(at, notice) : atLeast(window.to - at.after, 'not noticed')];
  },
};
