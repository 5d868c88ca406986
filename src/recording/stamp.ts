/** When a drill began as the name of its folder has it: `20261101-083000` for `2026-11-01T08:30:00.000Z`. */
export const folderStamp = (started: string): string =>
  started.slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
