import { formatDuration } from '../../scenario/units.js';
import { plain, table } from '../markdown-text.js';
import { SIGNS } from '../words.js';
import type { MergedFormat } from './report.js';
import { headline, shardSentences, targetsOf, worstFirst } from './words.js';

/** For merge requests, and the summary of a workflow. */
export const markdown: MergedFormat = {
  file: 'report.md',
  render: (result) =>
    [
      `# ${SIGNS[result.verdict]} ${plain(headline(result))}`,
      '',
      ...shardSentences(result).map((sentence) => `- ${plain(sentence)}`),
      '',
      ...table(
        ['', 'Drill', 'Shard', 'Targets met', 'Took', 'Why'],
        worstFirst(result.drills).map((drill) => [
          SIGNS[drill.verdict],
          drill.folder === undefined
            ? plain(drill.name)
            : `[${plain(drill.name)}](<${encodeURIComponent(drill.folder)}/report.html>)`,
          plain(drill.shard),
          targetsOf(drill),
          drill.result ? formatDuration(drill.result.lasted) : '',
          plain(drill.reason),
        ]),
      ),
      '',
    ].join('\n'),
};
