import type { MergedDrill } from '../../shards/merged.js';
import { openmetrics as one, openMetricsOf } from '../openmetrics.js';
import { prometheus as plain, prometheusOf } from '../prometheus.js';
import type { MergedFormat } from './report.js';

const resultsOf = (drills: readonly MergedDrill[]) => drills.flatMap(({ result }) => result ?? []);

/** The figures of all drills in one file, each at its own time. */
export const openmetrics: MergedFormat = {
  file: one.file,
  render: ({ drills }) => openMetricsOf(resultsOf(drills)),
};

/** The same without times. */
export const prometheus: MergedFormat = {
  file: plain.file,
  render: ({ drills }) => prometheusOf(resultsOf(drills)),
};
