import type { TrialFigure } from './result.js';
import { statisticsOf, type TrialStatistics } from './statistics/quantiles.js';

/** What several trials say together; nothing of a single one. */
export const overTrials = (trials: readonly TrialFigure[]): { statistics?: TrialStatistics } =>
  trials.length > 1 ? { statistics: statisticsOf(trials.map(({ measurement }) => measurement)) } : {};
