import { confidentialProbes } from '../../scenario/target.js';
import type { DrillData, Trial } from '../drill-data.js';
import type { Measurement } from '../measurement.js';
import type { Metric } from './metric.js';

/** What leaked in a trial. */
export const leaksIn = ({ leaks }: DrillData, { from, to }: Trial) =>
  leaks.filter(({ first, last }) => last >= from && first <= to);

export const leakedPackets: Metric = {
  name: 'leaked_packets',
  description:
    'packets of a probe that were seen in plaintext on links that are labelled as transit; 0 where nothing leaks',
  source: 'this project',
  subject: 'marked',
  unit: 'number',
  from: 'trial',
  bySampling: false,
  needsTransit: true,
  measure({ data, trial, subjects }): Measurement[] {
    // Of other probes nobody said that they must not be seen.
    if (!confidentialProbes(data.scenario.targets).includes(subjects[0]!)) return [];
    const value = leaksIn(data, trial)
      .filter(({ probe }) => probe === subjects[0])
      .reduce((sum, { packets }) => sum + packets, 0);
    // Each packet that was not looked at may have been one.
    const first = data.captured.findIndex(({ t }) => t >= trial.from);
    const last = data.captured.findIndex(({ t }) => t >= trial.to);
    const dropped = data.captured
      .slice(first, last < 0 ? undefined : last + 1)
      .reduce((sum, { dropped }) => sum + dropped, 0);
    return [{ value, lower: value, upper: value + dropped }];
  },
};
