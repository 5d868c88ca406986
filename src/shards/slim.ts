import type { DrillResult } from '../analysis/result.js';

/** A result without what it has for charts, so that a thousand of them fit into memory. Its figures, verdicts and reasons are all there. */
export const slim = (result: DrillResult): DrillResult => ({
  ...result,
  trials: result.trials.map((trial) => ({
    ...trial,
    marks: [],
    bands: [],
    steps: [],
    series: [],
    transfers: [],
    traffic: [],
    health: [],
    watches: [],
    refusals: [],
    instructions: [],
    remarks: [],
  })),
  phases: [],
  timers: [],
});
