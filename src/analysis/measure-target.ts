import type { Target } from '../scenario/target.js';
import type { DrillData, Trial } from './drill-data.js';
import type { Measurement } from './measurement.js';
import { metricNamed } from './metrics/registry.js';

/** What a trial measured for a target: one figure, or one for each flow. Nothing where the trial has no such event. */
export const measureTarget = (
  data: DrillData,
  trial: Trial,
  { metric, subjects, event }: Pick<Target, 'metric' | 'subjects' | 'event'>,
): Measurement[] => metricNamed(metric)!.measure({ data, trial, subjects, ...(event && { event }) });
