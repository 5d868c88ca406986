import type { Instant } from '../linux/clock.js';
import type { ProbeTrack, Trial } from './drill-data.js';
import type { RefusalResult } from './result.js';

/** Why packets, requests and transfers of a probe were refused, failed or broke in a trial, by reason. */
export function refusalsOf(probe: ProbeTrack, trial: Trial): RefusalResult[] {
  const byReason = new Map<string, RefusalResult>();
  for (const { at, why } of [...refusedIn(probe), ...brokenIn(probe)]) {
    if (at < trial.from || at >= trial.to) continue;
    const offset = at - trial.from;
    const known = byReason.get(why) ?? { probe: probe.id, why, count: 0, from: offset, to: offset };
    known.count++;
    known.from = Math.min(known.from, offset);
    known.to = Math.max(known.to, offset);
    byReason.set(why, known);
  }
  return [...byReason.values()];
}

type Refusal = { at: Instant; why: string };

function* refusedIn({ refusals }: ProbeTrack): Generator<Refusal> {
  for (const { stream, first, count, why } of refusals)
    for (let number = first; number < first + count; number++) yield { at: stream.dueAt(number), why };
}

/** Connections of a bulk transfer that broke or did not come about. */
function* brokenIn({ sessions, transfers }: ProbeTrack): Generator<Refusal> {
  if (transfers.length === 0) return;
  for (const { what, at, detail } of sessions)
    if (what !== 'connected') yield { at, why: `connection ${what} (${detail})` };
}
