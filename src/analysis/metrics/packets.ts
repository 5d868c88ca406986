import { exact } from '../measurement.js';
import { delaysOf, impairedCount, impairedRuns } from '../runs.js';
import type { Fate } from '../track.js';
import { type Metric, probeOf, thresholdOf, windowOf, windowOfEffect } from './metric.js';

const counting = (name: string, description: string, source: string, fates: readonly Fate[]): Metric => ({
  name,
  description: `${description}, for each flow and direction`,
  source,
  subject: 'packets',
  unit: 'number',
  from: 'trial',
  bySampling: false,
  measure(question) {
    const window = windowOf(question);
    if (!window) return [];
    return probeOf(question).streams.map((stream) => {
      let count = 0;
      for (let number = stream.firstFrom(window.from); number < stream.firstFrom(window.to); number++) {
        if (fates.some((fate) => stream.suffered(number, fate, thresholdOf(question)))) count++;
      }
      return exact(count, stream.name);
    });
  },
});

const THRESHOLD = 'packets that never arrived, or later than the forwarding delay threshold';

export const packetLoss: Metric = {
  name: 'packet_loss',
  description:
    'share of the packets of all flows from the event to the next step that never arrived or too late, for each direction',
  source: 'RFC 7680',
  subject: 'packets',
  unit: 'share',
  from: 'inject',
  bySampling: false,
  measure(question) {
    const window = windowOfEffect(question);
    if (!window) return [];
    const { streams } = probeOf(question);
    return [...new Set(streams.map(({ way }) => way))].flatMap((way) => {
      let [arrived, lost] = [0, 0];
      for (const stream of streams.filter((stream) => stream.way === way)) {
        const threshold = thresholdOf(question);
        arrived += delaysOf(stream, window, window.end).filter((delay) => delay <= threshold).length;
        lost += impairedCount(impairedRuns(stream, window, threshold, 'loss'));
      }
      return arrived + lost === 0 ? [] : [exact(lost / (arrived + lost), way)];
    });
  },
};

export const packetsLost = counting('packets_lost', THRESHOLD, 'RFC 6412', ['lost', 'late']);
export const packetsDuplicated = counting(
  'packets_duplicated',
  'packets that arrived more than once',
  'RFC 5560',
  ['duplicated'],
);
export const packetsReordered = counting(
  'packets_reordered',
  'packets that arrived after one sent later',
  'RFC 4737',
  ['reordered'],
);
export const packetsCorrupted = counting(
  'packets_corrupted',
  'packets that arrived damaged',
  'RFC 6412 3.8.1',
  ['corrupted'],
);

export const lossPeriods: Metric = {
  name: 'loss_periods',
  description:
    'runs of consecutive lost packets, for each flow and direction; a failover that flaps has more than one',
  source: 'RFC 3357',
  subject: 'packets',
  unit: 'number',
  from: 'trial',
  bySampling: false,
  measure(question) {
    const window = windowOf(question);
    if (!window) return [];
    return probeOf(question).streams.map((stream) =>
      exact(impairedRuns(stream, window, thresholdOf(question), 'loss').length, stream.name),
    );
  },
};
