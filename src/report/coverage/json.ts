import type { LabCoverage } from '../../coverage/coverage.js';
import { countDrilled } from './words.js';

/** Version of this structure. */
const COVERAGE_VERSION = 1;

/** The single failures of each lab, for programs. */
export const renderJson = (labs: readonly LabCoverage[]): string =>
  `${JSON.stringify({ version: COVERAGE_VERSION, labs: labs.map(labOf) }, null, 2)}\n`;

/** A lab's failures without its whole topology. */
export const labOf = ({ lab, failures }: LabCoverage) => ({
  lab,
  drilled: countDrilled(failures),
  of: failures.length,
  failures: failures.map(({ part, name, state, drillings, variables }) => ({
    kind: part.kind,
    name,
    state,
    drillings,
    ...(Object.keys(variables).length > 0 && { variables }),
  })),
});
