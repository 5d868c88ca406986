import { longestGap, lostTime } from '../lost-time.js';
import { atLeast, type Measurement, timeSince, worst } from '../measurement.js';
import { hasPath, rateOf, reversionOf } from '../reversion.js';
import { impairedRuns } from '../runs.js';
import { eventAndWindow, type Metric, probeOf, type Question, thresholdOf } from './metric.js';

export const reversionTime: Metric = {
  name: 'reversion_time',
  description:
    'time during which flows were impaired between the clearing and the return of traffic to its primary path, worst flow',
  source: 'RFC 6414, reversion',
  subject: 'one-way',
  unit: 'duration',
  from: 'clear',
  needsPath: true,
  bySampling: true,
  measure(question) {
    const back = reversionWindow(question);
    if (!back) return [];
    if (!back.reverted) return [atLeast(back.window.to - back.at.after, 'not reverted')];
    // Packets lost after the switch back still belong to it.
    const { to } = back.window;
    const flows = probeOf(question).streams.map((stream): Measurement => {
      const runs = impairedRuns(stream, { from: back.at.before, to }, thresholdOf(question));
      const seen = lostTime(stream, runs);
      const upper = runs.length > 0 ? seen.upper : longestGap(stream, back.window);
      return { ...seen, upper, of: stream.name };
    });
    return [worst(flows)];
  },
};

export const timeToReversion: Metric = {
  name: 'time_to_reversion',
  description: 'from the clearing until traffic is on its primary path again',
  source: 'RFC 6414, reversion',
  subject: 'one-way',
  unit: 'duration',
  from: 'clear',
  needsPath: true,
  bySampling: false,
  measure(question) {
    const back = reversionWindow(question);
    if (!back) return [];
    const { at, reverted, window } = back;
    return [reverted ? timeSince(at, reverted) : atLeast(window.to - at.after, 'not reverted')];
  },
};

function reversionWindow(question: Question) {
  const found = eventAndWindow(question, 'clear');
  const { data, trial } = question;
  const probe = probeOf(question);
  if (!found || !hasPath(data, probe)) return undefined;
  const rate = rateOf(probe);
  return { ...found, reverted: reversionOf({ paths: data.paths, trial, window: found.window, rate }) };
}
