import type { Instant } from '../linux/clock.js';
import type { Health } from '../taps/health.js';
import { type DrillData, knownAt, type Trial } from './drill-data.js';
import type { HealthResult } from './result.js';

/** How each node fared in a trial; a node that was not seen at least twice in it is left out. */
export function healthOf({ health }: DrillData, trial: Trial): HealthResult[] {
  return [...health].flatMap(([node, all]) => {
    // The last look before the trial tells what ran at its beginning.
    const looks = knownAt(all, trial.from).filter(({ t }) => t <= trial.to);
    if (looks.length < 2) return [];
    const sessions = looks.flatMap((look) => look.sessions ?? []);
    return {
      node,
      processor: sharesOf(looks, trial),
      ...waitedIn(looks),
      memory: Math.max(...looks.map(({ memory }) => memory)),
      ...(sessions.length > 0 && { sessions: Math.max(...sessions) }),
      away: awayOf(looks, trial),
    };
  });
}

/** Successive looks at a node, where it was not switched off between them. */
const pairsOf = (looks: readonly Health[]): [before: Health, look: Health][] =>
  looks.slice(1).flatMap((look, index) => {
    const before = looks[index]!;
    return look.cycle === before.cycle ? [[before, look]] : [];
  });

/** Share of a processor that a node used between successive looks. */
function sharesOf(looks: readonly Health[], { from }: Trial): HealthResult['processor'] {
  return pairsOf(looks).map(([before, look]) => {
    // What a process used that ended without being waited for is gone from the sum.
    const share = Math.max(0, look.processor - before.processor) / (look.t - before.t);
    return { from: Math.max(0, before.t - from), to: look.t - from, share };
  });
}

function waitedIn(looks: readonly Health[]): Pick<HealthResult, 'waited'> {
  if (looks.some(({ waited }) => waited === undefined)) return {};
  // What a thread waited that ended is gone from the sum.
  const gains = pairsOf(looks).map(([before, look]) => Math.max(0, look.waited! - before.waited!));
  return { waited: gains.reduce((sum, gain) => sum + gain, 0) };
}

/** From when to when fewer daemons of a name ran than before the first fault. */
function awayOf(all: readonly Health[], { from, faults }: Trial): HealthResult['away'] {
  const offset = (t: Instant) => Math.max(0, t - from);
  const first = faults[0]?.before ?? from;
  const looks = knownAt(all, first);
  return Object.entries(looks[0]!.daemons).flatMap(([daemon, wanted]) => {
    const gaps: HealthResult['away'] = [];
    let open = false;
    for (const { t, daemons } of looks) {
      const isThere = (daemons[daemon] ?? 0) >= wanted;
      if (!isThere && !open) gaps.push({ daemon, from: offset(t) });
      else if (isThere && open) gaps.at(-1)!.to = offset(t);
      open = !isThere;
    }
    return gaps;
  });
}
