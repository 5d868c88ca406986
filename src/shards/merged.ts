import type { Verdict } from '../analysis/judge.js';
import type { DrillResult } from '../analysis/result.js';
import { type DrillSummary, summaryOf } from '../history/entry.js';
import { type ShardResult, shardName } from './agreement.js';
import type { Manifest, ShardDrill } from './manifest.js';

/** What all shards of a run came to together. */
export interface MergedResult {
  /** Pass only where every drill was done and passed. */
  verdict: Verdict;
  exitCode: number;
  /** Version of faildrill that ran the shards. */
  faildrill: string;
  run?: string;
  shards: ShardStanding[];
  /** In the order of the shards, then in that in which each was asked to run them. */
  drills: MergedDrill[];
}

/** A shard, there or not. */
export interface ShardStanding {
  /** `2/4`. */
  name: string;
  missing: boolean;
  asked: number;
  done: number;
}

/** A drill of the run. */
export interface MergedDrill {
  file: string;
  name: string;
  /** The shard that was asked to run it, `2/4`. */
  shard: string;
  verdict: Verdict;
  reason: string;
  /** Whether it was not done, or its result is gone. */
  missing: boolean;
  /** Exit code that it means; nothing where it is missing. */
  code?: number;
  /** Its folder in that of the merge. */
  folder?: string;
  /** What it measured, without its course over time; nothing where it could not be run. */
  result?: DrillResult;
  /** What the history keeps of that. */
  summary?: DrillSummary;
}

/** How exit codes are read. */
interface Codes {
  /** The verdict that an exit code means. */
  verdictOf: (code: number) => Verdict;
  /** The exit code of a result. */
  codeOf: (result: DrillResult) => number;
  /** The exit code of several drills. */
  worst: (codes: readonly number[]) => number;
  /** That of a drill that is missing. */
  missing: number;
}

/** Where a drill's result was found: its folder in that of the merge, or why it was not found. */
export type Found = { folder: string; result: DrillResult } | string;

/**
 * Puts the results of shards together.
 * @param shards of one run, at least one
 * @param found what became of the drills that have a folder, by their scenarios' files
 */
export function merged(
  shards: readonly ShardResult[],
  found: ReadonlyMap<string, Found>,
  codes: Codes,
): MergedResult {
  const { plan, of, faildrill, run } = shards[0]!.manifest;
  const drills = [...plan]
    .sort((one, other) => one.shard - other.shard)
    .map((planned) => {
      const manifest = shards.find(({ manifest }) => manifest.shard === planned.shard)?.manifest;
      return mergedDrill(planned, { manifest, of, found: found.get(planned.file), codes });
    });
  const exitCode = codes.worst(
    drills.map(({ code = codes.missing }) => code).concat(absent(shards, of, codes)),
  );
  return {
    verdict: codes.verdictOf(exitCode),
    exitCode,
    faildrill,
    ...(run !== undefined && { run }),
    shards: Array.from({ length: of }, (_, index) => {
      const own = shards.find(({ manifest }) => manifest.shard === index + 1);
      return {
        name: shardName({ shard: index + 1, of }),
        missing: !own,
        asked: plan.filter(({ shard }) => shard === index + 1).length,
        done: own?.manifest.drills.length ?? 0,
      };
    }),
    drills,
  };
}

/** A shard that is not there fails, even where it had nothing to run: nobody knows whether it was started. */
const absent = (shards: readonly ShardResult[], of: number, { missing }: Codes): number[] =>
  shards.length < of ? [missing] : [];

function mergedDrill(
  { file, name, shard, sha256 }: Manifest['plan'][number],
  options: { manifest: Manifest | undefined; of: number; found: Found | undefined; codes: Codes },
): MergedDrill {
  const { manifest, of, found, codes } = options;
  const place = { file, name, shard: shardName({ shard, of }) };
  const gone = (reason: string): MergedDrill => ({
    ...place,
    verdict: codes.verdictOf(codes.missing),
    reason,
    missing: true,
  });
  if (!manifest) return gone(`shard ${place.shard} left no result`);
  const drill = manifest.drills.find((one) => one.file === file);
  if (!drill) return gone(`shard ${place.shard} ended before this drill did`);
  if (typeof found === 'string') return gone(found);
  // Which text was drilled is in every result; its folder may be that of another run.
  if (found && found.result.files[0]?.sha256 !== sha256)
    return gone(`its folder ${found.folder} holds a drill of ${found.result.name} with another text`);
  const code = found ? codes.worst([drill.code, codes.codeOf(found.result)]) : drill.code;
  return {
    ...place,
    verdict: codes.verdictOf(code),
    reason: reasonOf(drill, { found, code, codes }),
    missing: false,
    code,
    ...(found && { ...found, summary: summaryOf(found.result) }),
  };
}

/** Why a drill came to what it did, in one sentence. */
function reasonOf(
  { problem, code: said }: ShardDrill,
  { found, code, codes }: { found: Exclude<Found, string> | undefined; code: number; codes: Codes },
): string {
  if (!found) return `it could not be run: ${problem ?? `exit code ${said}`}`;
  const { result } = found;
  return codes.codeOf(result) === code
    ? result.reason
    : `${result.reason}; against its baseline: ${codes.verdictOf(code)}`;
}
