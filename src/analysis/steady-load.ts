import type { DrillResult, HealthResult, TrialResult } from './result.js';

/**
 * Processors that a drill uses while nothing is broken: its nodes' processes, before the first fault of each valid trial, and the probing thread. What the kernel does for a
 * packet counts for who sends it.
 * @returns that of the trial that used most; nothing where no node was looked at twice before a fault
 */
export function steadyLoad({ trials, method }: Pick<DrillResult, 'trials' | 'method'>): number | undefined {
  const loads = trials.filter(({ valid }) => valid).flatMap((trial) => loadBefore(trial) ?? []);
  return loads.length === 0 ? undefined : Math.max(...loads) + method.processor;
}

function loadBefore({ health, bands, from, to }: TrialResult): number | undefined {
  const first = Math.min(to - from, ...bands.map((band) => band.from));
  const shares = health.flatMap(({ processor }) => meanBefore(processor, first) ?? []);
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0);
}

function meanBefore(looks: HealthResult['processor'], end: number): number | undefined {
  const before = looks.filter(({ to }) => to <= end);
  const time = before.reduce((sum, { from, to }) => sum + to - from, 0);
  return time > 0
    ? before.reduce((sum, { from, to, share }) => sum + share * (to - from), 0) / time
    : undefined;
}
