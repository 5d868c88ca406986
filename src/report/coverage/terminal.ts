import pc from 'picocolors';
import type { CoverageState, LabCoverage } from '../../coverage/coverage.js';
import { printable } from '../printable.js';
import {
  COVERAGE_SIGNS,
  COVERAGE_WORDS,
  drillingWords,
  failuresByKind,
  KIND_TITLES,
  labWords,
  shareWords,
} from './words.js';

const PAINT: Record<CoverageState, (text: string) => string> = {
  drilled: pc.green,
  'with others': pc.yellow,
  'in part': pc.yellow,
  never: pc.red,
};

/** The single failures of each lab, for people at a terminal. */
export const renderTerminal = (labs: readonly LabCoverage[]): string =>
  labs.map((lab) => `${linesOf(lab).join('\n')}\n`).join('\n');

function linesOf(lab: LabCoverage): string[] {
  const width = Math.max(0, ...lab.failures.map(({ name }) => printable(name).length));
  return [
    pc.bold(printable(labWords(lab))),
    ...failuresByKind(lab.failures).flatMap(({ kind, failures }) => [
      `${KIND_TITLES[kind]} ${pc.dim(shareWords(failures))}`,
      ...failures.map(({ name, state, drillings }) => {
        const by = state === 'never' ? COVERAGE_WORDS.never : drillingWords(drillings);
        return `  ${PAINT[state](COVERAGE_SIGNS[state])} ${printable(name).padEnd(width)}  ${pc.dim(printable(by))}`;
      }),
    ]),
  ];
}
