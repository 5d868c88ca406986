import Handlebars from 'handlebars';
import { formatDuration } from '../../scenario/units.js';
import { template } from '../html.js';
import { SIGNS } from '../words.js';
import type { MergedFormat } from './report.js';
import { headline, shardSentences, targetsOf, worstFirst } from './words.js';

/** One page that leads to the report of each drill. */
export const html: MergedFormat = {
  file: 'index.html',
  render(result) {
    const { verdict, faildrill, run = '', shards, drills } = result;
    return Handlebars.compile(template('merged.hbs'), { strict: true })({
      style: template('drill.css') + template('programme.css'),
      title: headline(result),
      ...{ verdict, faildrill, run },
      sign: SIGNS[verdict],
      sentences: shardSentences(result),
      shards: shards.map(({ name, missing, asked, done }) => {
        const own = missing || done < asked ? 'fail' : 'pass';
        return { name, asked, done: missing ? 'no result' : done, verdict: own, sign: SIGNS[own] };
      }),
      drills: worstFirst(drills).map((drill) => ({
        ...{ name: drill.name, file: drill.file, shard: drill.shard, reason: drill.reason },
        verdict: drill.verdict,
        sign: SIGNS[drill.verdict],
        title: drill.result?.title ?? '',
        started: drill.result
          ? `${drill.result.started.slice(0, 10)} ${drill.result.started.slice(11, 16)}`
          : '',
        took: drill.result ? formatDuration(drill.result.lasted) : '',
        targets: targetsOf(drill),
        href: drill.folder === undefined ? '' : `${encodeURIComponent(drill.folder)}/report.html`,
      })),
    });
  },
};
