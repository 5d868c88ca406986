import type { Listing } from './report.js';

/** Version of this structure. */
const LISTING_VERSION = 1;

/** The list for programs; an infinite figure is null. */
export const renderJson = ({ drills, unreadable }: Listing): string =>
  `${JSON.stringify(
    {
      version: LISTING_VERSION,
      drills: drills.map(({ folder, drill }) => ({ folder, ...drill })),
      unreadable: unreadable.map(({ folder, problem }) => ({ folder, problem })),
    },
    null,
    2,
  )}\n`;
