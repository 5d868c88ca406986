import { edgesOf, likeliest } from '../edges.js';
import { longestGap } from '../lost-time.js';
import { type Measurement, worst } from '../measurement.js';
import { runsAfter } from '../recovery.js';
import { impairedRuns, type Run, type Window } from '../runs.js';
import { ROUNDING, type StreamTrack } from '../track.js';
import { eventAndWindow, type Metric, probeOf, type Question, thresholdOf } from './metric.js';

export const longestLossPeriod: Metric = {
  name: 'longest_loss_period',
  description:
    'longest time without a packet that got through, for each flow and direction, however it came to its end; the length of an outage',
  source: 'RFC 3357, by the timestamps of the packets before and after',
  subject: 'packets',
  unit: 'duration',
  from: 'trial',
  bySampling: true,
  measure(question) {
    const { streams } = probeOf(question);
    return [...new Set(streams.map(({ way }) => way))].flatMap((way) =>
      lengths(
        streams
          .filter((stream) => stream.way === way)
          .map((stream) => ({ stream, ...periodsOf(stream, question) })),
      ),
    );
  },
};

interface Periods {
  stream: StreamTrack;
  runs: Run[];
  window: Window;
}

/** The runs of lost packets that began in the time that is asked about. */
function periodsOf(stream: StreamTrack, question: Question): Omit<Periods, 'stream'> {
  const { trial } = question;
  const threshold = thresholdOf(question);
  const found = question.event && eventAndWindow(question, 'inject');
  if (!found) return { runs: impairedRuns(stream, trial, threshold, 'loss'), window: trial };
  const { at, window } = found;
  return { runs: runsAfter(stream, at, window, threshold, 'loss', trial.to), window };
}

/** For each flow that goes one way its longest period. */
function lengths(flows: readonly Periods[]): Measurement[] {
  const edges = flows.flatMap(({ stream, runs }) => runs.map((run) => edgesOf(stream, run)));
  const begin = likeliest(edges.map(([begin]) => begin));
  const end = likeliest(edges.map(([, end]) => end));
  return flows.map(({ stream, runs, window }) => {
    const unseen = longestGap(stream, window);
    const periods = runs.map((run): Measurement => {
      const [first, last] = edgesOf(stream, run);
      return {
        value: end(last) - begin(first),
        lower: Math.max(0, last.from - first.to - ROUNDING),
        upper: last.to - first.from + ROUNDING,
      };
    });
    return { ...worst([...periods, { value: 0, lower: 0, upper: unseen }]), of: stream.name };
  });
}
