import type { Measurement } from '../measurement.js';
import { add, type Count, type Counter, type TransferTrack, waysOver } from '../transfer.js';
import { eventAndWindow, type Metric, probeOf, type Question } from './metric.js';

/** What the senders of each way counted from the event to the next step; it lies in the bins that touch that time. */
function counted(question: Question, counters: readonly Counter[]): { of: string; counts: Count[] }[] {
  const found = eventAndWindow(question, 'inject');
  if (!found) return [];
  const { at, window } = found;
  const count = (track: TransferTrack, counter: Counter): Count => ({
    ...track.count(counter, window),
    lower: track.count(counter, { from: at.after, to: window.to }).lower,
  });
  return waysOver(probeOf(question).transfers, window).map(({ way, tracks }) => ({
    of: way,
    counts: counters.map((counter) => tracks.map((track) => count(track, counter)).reduce(add)),
  }));
}

export const retransmissions: Metric = {
  name: 'retransmissions',
  description:
    'segments that TCP transmitted again from the event to the next step, all flows together, for each direction',
  source: 'RFC 4898, tcpEStatsPerfSegsRetrans',
  subject: 'tcp-senders',
  unit: 'number',
  from: 'inject',
  bySampling: false,
  measure: (question) =>
    counted(question, ['retransmissions']).map(({ of, counts: [count] }) => ({
      ...count!,
      value: Math.round(count!.value),
      of,
    })),
};

export const tcpEfficiency: Metric = {
  name: 'tcp_efficiency',
  description:
    'share of the bytes that TCP transmitted from the event to the next step that were not transmitted before, for each direction',
  source: 'RFC 6349 4.2',
  subject: 'tcp-senders',
  unit: 'share',
  from: 'inject',
  bySampling: false,
  prefers: 'more',
  measure: (question) =>
    counted(question, ['sent', 'resent']).flatMap(({ of, counts: [sent, resent] }): Measurement[] => {
      if (sent!.lower === 0) return [];
      const share = (resent: number, sent: number) => Math.max(0, 1 - resent / sent);
      return [
        {
          value: share(resent!.value, sent!.value),
          // What was transmitted again was transmitted: the bins at the ends hold both or neither.
          lower: share(resent!.upper, Math.max(sent!.lower, resent!.upper)),
          upper: share(resent!.lower, sent!.upper),
          of,
        },
      ];
    }),
};
