import type { Verdict } from '../analysis/judge.js';
import type { Entry, JudgedEntry } from './entry.js';

/** Which drills are wanted; what is left out does not matter. */
export interface Filter {
  scenario?: string | undefined;
  tag?: string | undefined;
  verdict?: Verdict | undefined;
  /** Started at this instant or later; milliseconds since 1970. */
  since?: number | undefined;
  /** Started before this instant. */
  before?: number | undefined;
}

/** Whether a drill is one of those wanted. */
export function fits({ drill }: JudgedEntry, filter: Filter): boolean {
  const { scenario, tag, verdict, since = -Infinity, before = Infinity } = filter;
  const started = Date.parse(drill.started);
  return (
    (scenario === undefined || drill.name === scenario) &&
    (tag === undefined || drill.tags.includes(tag)) &&
    (verdict === undefined || drill.verdict === verdict) &&
    started >= since &&
    started < before
  );
}

/** Whether the recording of an entry could be judged. */
export const isJudged = (entry: Entry): entry is JudgedEntry => entry.drill !== undefined;

/** The latest first; those of one instant by their folders. */
export const byTime = (one: JudgedEntry, other: JudgedEntry): number =>
  compareText(other.drill.started, one.drill.started) || compareText(other.folder, one.folder);

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const MS: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };
const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Reads an instant as people write it: `2026-11-01`, `2026-11-01T08:30` (UTC, as the history shows times, unless it says otherwise), or how long
 * ago: `36h`, `30d`, `12w`.
 * @returns milliseconds since 1970; nothing for text that is none of these
 */
export function parseInstant(text: string, now: number): number | undefined {
  const [, count, unit] = /^(\d+)([hdw])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * MS[unit!]!;
  const [, time, , , zone] = DATE.exec(text) ?? [];
  if (!DATE.test(text)) return undefined;
  const instant = Date.parse(time !== undefined && zone === undefined ? `${text}Z` : text);
  // The 31st of February is a date to the engine, but nobody means it.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10));
  return Number.isNaN(instant) || !isDay ? undefined : instant;
}
