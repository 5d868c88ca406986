import type { Bracket } from '../linux/clock.js';
import type { DrillData, ProbeTrack, Trial } from './drill-data.js';
import { type PathTrack, packetsEach, showsPath } from './path.js';
import type { Window } from './runs.js';

/** Packets a second that a probe causes, all flows and directions together. */
export function rateOf({ streams, transfers, families, interval }: ProbeTrack): number {
  const sending = transfers.length || streams.filter(({ count }) => count > 0).length;
  return (packetsEach(families) * sending * 1e9) / interval;
}

/** Whether it can be told which way a probe goes. */
export const hasPath = ({ probes }: DrillData, probe: ProbeTrack): boolean =>
  probe.families.includes('one-way') &&
  showsPath(rateOf(probe), [...probes.values()].filter((other) => other !== probe).map(rateOf));

/** The links that carried a probe before the first fault of a trial. */
export function primaryPath(paths: PathTrack, trial: Trial, rate: number): Set<string> {
  const first = trial.faults[0]?.before ?? trial.to;
  return paths.carryingIn({ from: trial.from, to: first }, rate);
}

/** When a probe's traffic was back on its primary path to stay; nothing where it was not. */
export function reversionOf(options: {
  paths: PathTrack;
  trial: Trial;
  window: Window;
  rate: number;
}): Bracket | undefined {
  const { paths, trial, window, rate } = options;
  const primary = primaryPath(paths, trial, rate);
  return primary.size === 0 ? undefined : paths.backOn(primary, window, rate);
}
