import pc from 'picocolors';
import type { MergedResult } from '../../shards/merged.js';
import { paint } from '../paint.js';
import { printable } from '../printable.js';
import { SIGNS } from '../words.js';
import { headline, shardSentences, worstFirst } from './words.js';

/** A line for each drill that did not pass, and one for all. */
export function renderTerminal(result: MergedResult): string {
  const rest = worstFirst(result.drills).filter(({ verdict }) => verdict !== 'pass');
  return [
    `${paint[result.verdict](pc.bold(result.verdict.toUpperCase()))}  ${headline(result)}`,
    ...shardSentences(result).map((sentence) => `  ${pc.red(`${SIGNS.fail} ${printable(sentence)}`)}`),
    ...rest.map(
      ({ verdict, name, shard, reason }) =>
        `  ${paint[verdict](`${SIGNS[verdict]} ${printable(name)}`)}  ${pc.dim(`${shard}  ${printable(reason)}`)}`,
    ),
    '',
  ].join('\n');
}
