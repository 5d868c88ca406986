import type { LabCoverage } from '../../coverage/coverage.js';
import { plain, table } from '../markdown-text.js';
import {
  COVERAGE_SIGNS,
  COVERAGE_WORDS,
  drillingWords,
  failuresByKind,
  KIND_TITLES,
  labWords,
  shareWords,
} from './words.js';

/** The single failures of each lab, for merge requests and wikis. */
export const renderMarkdown = (labs: readonly LabCoverage[]): string =>
  `${labs.flatMap((lab, index) => [...(index === 0 ? [] : ['']), ...linesOf(lab)]).join('\n')}\n`;

const linesOf = (lab: LabCoverage): string[] => [
  `## ${plain(labWords(lab))}`,
  ...failuresByKind(lab.failures).flatMap(({ kind, failures: some }) => [
    '',
    `### ${KIND_TITLES[kind]}: ${shareWords(some)}`,
    '',
    ...table(
      ['', 'Failure', 'Drilled', 'By'],
      some.map(({ name, state, drillings }) => [
        COVERAGE_SIGNS[state],
        plain(name),
        COVERAGE_WORDS[state],
        plain(drillingWords(drillings)),
      ]),
    ),
  ]),
];
