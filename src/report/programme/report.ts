import type { ProgrammeResult } from '../../programme/result.js';

/** A format of the programme report. */
export interface ProgrammeFormat {
  /** Name of its file. */
  file: string;
  /** @param store the folder of the drills' folders, from where the report is going to be */
  render(result: ProgrammeResult, store: string): string;
}
