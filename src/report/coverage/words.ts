import type { CoverageState, Drilling, Failure, LabCoverage } from '../../coverage/coverage.js';
import type { Part } from '../../coverage/parts.js';

/** Sign of how well a failure is drilled. */
export const COVERAGE_SIGNS: Record<CoverageState, string> = {
  drilled: '✓',
  'with others': '~',
  'in part': '~',
  never: '✗',
};

/** What stands beside a failure that is not drilled by itself. */
export const COVERAGE_WORDS: Record<CoverageState, string> = {
  drilled: 'drilled',
  'with others': 'only together with another fault',
  'in part': 'only in part',
  never: 'never',
};

/** Several of a kind. */
export const KIND_TITLES: Record<Part['kind'], string> = { link: 'Links', node: 'Nodes', daemon: 'Daemons' };

/** The scenarios that break a part, each once, with how where it is not by itself: `primary-flap, both-lost (with others)`. */
export function drillingWords(drillings: readonly Drilling[]): string {
  const best = new Map<string, Drilling['manner']>();
  for (const { scenario, manner } of drillings)
    if (best.get(scenario) !== 'alone') best.set(scenario, manner);
  return [...best]
    .map(([scenario, manner]) => (manner === 'alone' ? scenario : `${scenario} (${manner})`))
    .join(', ');
}

/** How many of some failures are drilled by themselves. */
export const countDrilled = (failures: readonly Failure[]): number =>
  failures.filter(({ state }) => state === 'drilled').length;

/** How many of some failures are drilled: `12 of 30`. */
export const shareWords = (failures: readonly Failure[]): string =>
  `${countDrilled(failures)} of ${failures.length}`;

/** The sentence that says how a lab stands: `demo: 12 of 30 single failures are drilled by themselves`. */
export const labWords = ({ lab, failures }: LabCoverage): string =>
  `${lab}: ${shareWords(failures)} single failures are drilled by themselves`;

/** Failures by their kind, in order; kinds that a lab has none of are left out. */
export const failuresByKind = (failures: readonly Failure[]): { kind: Part['kind']; failures: Failure[] }[] =>
  (Object.keys(KIND_TITLES) as Part['kind'][])
    .map((kind) => ({ kind, failures: failures.filter(({ part }) => part.kind === kind) }))
    .filter(({ failures }) => failures.length > 0);
