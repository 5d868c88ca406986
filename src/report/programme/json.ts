import type { JudgedEntry } from '../../history/entry.js';
import type { ProgrammeResult } from '../../programme/result.js';
import { labOf } from '../coverage/json.js';
import type { ProgrammeFormat } from './report.js';
import { overallVerdict } from './words.js';

/** Version of this structure. */
const PROGRAMME_VERSION = 1;

/** Everything for programs; an infinite figure is null. */
export const json: ProgrammeFormat = {
  file: 'report.json',
  render: (result) =>
    `${JSON.stringify({ version: PROGRAMME_VERSION, verdict: overallVerdict(result), ...plainOf(result) }, null, 2)}\n`,
};

/** A drill of the history by what names it. */
const drillOf = (entry: JudgedEntry | undefined) =>
  entry && {
    folder: entry.folder,
    scenario: entry.drill.name,
    started: entry.drill.started,
    verdict: entry.drill.verdict,
  };

const plainOf = (result: ProgrammeResult) => ({
  ...result,
  drills: result.drills.map(({ due, ...drill }) => ({ ...drill, due: { ...due, last: drillOf(due.last) } })),
  services: result.services.map(({ targets, ...service }) => ({
    ...service,
    targets: targets.map(({ latest, results: _, ...target }) => ({
      ...target,
      latest: latest.map(({ entry, ...one }) => ({ ...one, drill: drillOf(entry) })),
    })),
  })),
  coverage: result.coverage.map((lab) => {
    const { failures, ...rest } = labOf(lab);
    return {
      ...rest,
      failures: failures.map((failure, index) => ({ ...failure, last: drillOf(lab.last[index]) })),
    };
  }),
});
