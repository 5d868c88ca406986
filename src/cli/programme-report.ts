import { writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import pc from 'picocolors';
import type { JudgedEntry } from '../history/entry.js';
import type { Day } from '../programme/calendar.js';
import type { LoadedProgramme } from '../programme/load.js';
import { type ProgrammeResult, standingOf } from '../programme/result.js';
import { programmeFormats } from '../report/programme/registry.js';
import { judgedIn } from './recordings.js';
import { variantOfScenario } from './variants.js';
import { writingTo } from './writing.js';

/** All drills of a programme's store that could be judged; none where there is no store yet. */
export const historyOf = ({ history }: LoadedProgramme): JudgedEntry[] => judgedIn(history);

/** Where a programme stands, by its history. */
export const standing = (loaded: LoadedProgramme, today: Day): ProgrammeResult =>
  standingOf(loaded, {
    history: historyOf(loaded),
    variants: loaded.drills.map((drill) => variantOfScenario(drill.loaded)),
    today,
  });

/** Writes the report of a programme in every format, and says where. */
export function writeProgrammeReport(
  { history, programme }: LoadedProgramme,
  result: ProgrammeResult,
  out = join(history, `programme-${programme.name}`),
): void {
  const store = relative(resolve(out), history) || '.';
  writingTo(out, { hint: 'name another folder with --out' }, () => {
    for (const { file, render } of Object.values(programmeFormats))
      writeFileSync(join(out, file), render(result, store));
  });
  console.log(
    `${pc.dim('programme report')}  ${relative(process.cwd(), join(out, programmeFormats.html.file))}`,
  );
}
