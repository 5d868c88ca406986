import type { TrialResult } from './result.js';

/** How many trials count: those that came to their end undisturbed. */
export const validTrials = (trials: readonly Pick<TrialResult, 'valid' | 'complete'>[]): number =>
  trials.filter(({ valid, complete }) => valid && complete).length;
