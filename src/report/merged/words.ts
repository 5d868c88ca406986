import type { Verdict } from '../../analysis/judge.js';
import type { MergedDrill, MergedResult, ShardStanding } from '../../shards/merged.js';

/** What stands above everything else. */
export function headline({ drills, verdict }: MergedResult): string {
  const count = (wanted: Verdict) =>
    drills.filter((drill) => !drill.missing && drill.verdict === wanted).length;
  const missing = drills.filter((drill) => drill.missing).length;
  const counts = [
    [count('pass'), 'passed'],
    [count('fail'), 'failed'],
    [count('inconclusive'), 'inconclusive'],
    [missing, 'missing'],
  ] as const;
  const said = counts.filter(([many]) => many > 0).map(([many, what]) => `${many} ${what}`);
  const all = `${drills.length} ${drills.length === 1 ? 'drill' : 'drills'}`;
  return drills.length === 0 ? `${all}: ${verdict}` : `${all}: ${said.join(', ')}`;
}

/** What is wrong with shards, a sentence each. */
export const shardSentences = ({ shards, drills }: MergedResult): string[] =>
  shards.flatMap((shard) => {
    if (!shard.missing && shard.done === shard.asked) return [];
    const names = drills
      .filter((drill) => drill.shard === shard.name && drill.missing)
      .map(({ name }) => name);
    return [shard.missing ? missingShard(shard, names) : endedEarly(shard, names)];
  });

const missingShard = ({ name }: ShardStanding, names: readonly string[]): string =>
  names.length === 0
    ? `shard ${name} left no result; it had nothing to run`
    : `shard ${name} left no result: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} missing`;

const endedEarly = ({ name, asked, done }: ShardStanding, names: readonly string[]): string =>
  `shard ${name} ended after ${done} of ${asked} drills: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} missing`;

/** How many targets were met. */
export function targetsOf({ result }: MergedDrill): string {
  if (!result) return '';
  const met = result.targets.filter(({ verdict }) => verdict === 'pass').length;
  return `${met} of ${result.targets.length}`;
}

/** The drills as a reader wants them: what did not pass first. */
export const worstFirst = (drills: readonly MergedDrill[]): MergedDrill[] => [
  ...drills.filter(({ verdict }) => verdict === 'fail'),
  ...drills.filter(({ verdict }) => verdict === 'inconclusive'),
  ...drills.filter(({ verdict }) => verdict === 'pass'),
];
