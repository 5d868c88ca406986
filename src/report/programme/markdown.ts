import { plain, table } from '../markdown-text.js';
import { SIGNS } from '../words.js';
import type { ProgrammeFormat } from './report.js';
import { type Cell, type Section, sectionsOf } from './sections.js';
import { overallVerdict, reportIn, sentencesOf } from './words.js';

/** For wikis and merge requests. */
export const markdown: ProgrammeFormat = {
  file: 'report.md',
  render(result, store) {
    return [
      `# ${SIGNS[overallVerdict(result)]} ${plain(result.title)}, ${result.quarter.name}`,
      '',
      plain(result.objective),
      '',
      ...sentencesOf(result).map((sentence) => `- ${plain(sentence)}`),
      ...sectionsOf(result).flatMap((section) => linesOf(section, store)),
      '',
    ].join('\n');
  },
};

const linesOf = ({ title, notes, head, rows, empty }: Section, store: string): string[] => [
  '',
  `## ${plain(title)}`,
  '',
  ...notes.flatMap((note) => [plain(note), '']),
  ...(rows.length === 0
    ? [plain(empty)]
    : table(
        head,
        rows.map(({ verdict, cells }) => [
          verdict === '' ? '' : SIGNS[verdict],
          ...cells.map((one) => cellOf(one, store)),
        ]),
      )),
];

function cellOf({ text, small, folder }: Cell, store: string): string {
  const shown = folder === '' ? plain(text) : `[${plain(text)}](<${reportIn(store, folder)}>)`;
  return small === '' ? shown : `${shown}<br>${plain(small)}`;
}
