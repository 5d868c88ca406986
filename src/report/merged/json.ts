import type { MergedFormat } from './report.js';

/** Version of this structure. */
const MERGED_VERSION = 1;

/** Everything for programs; an infinite figure is null. Of each drill what the history keeps of it. */
export const json: MergedFormat = {
  file: 'merged.json',
  render: ({ drills, ...rest }) =>
    `${JSON.stringify(
      {
        version: MERGED_VERSION,
        ...rest,
        drills: drills.map(({ result: _, ...drill }) => drill),
      },
      null,
      2,
    )}\n`,
};
