import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { DrillResult } from '../analysis/result.js';
import { folderStamp } from '../recording/stamp.js';
import { readIndex } from './index-file.js';
import { RECORDING } from './store.js';

/**
 * Recordings of earlier drills of a scenario in the store of a recording, the latest first: by the names of their folders, and where one has another name by what
 * the index knows. None where the recording is in no folder of a store.
 */
export function earlierRecordings(
  recording: string,
  { name, started }: Pick<DrillResult, 'name' | 'started'>,
): string[] {
  if (basename(recording) !== RECORDING) return [];
  const own = dirname(resolve(recording));
  const store = dirname(own);
  const { entries } = readIndex(store);
  const stampOf = (folder: string): string | undefined => {
    const { drill } = entries.get(folder) ?? {};
    if (drill) return drill.name === name ? folderStamp(drill.started) : undefined;
    return folder.startsWith(`${name}-`) ? FOLDER.exec(folder.slice(name.length + 1))?.[0] : undefined;
  };
  return foldersIn(store)
    .flatMap((folder) => {
      const at = stampOf(folder);
      return at !== undefined && at <= folderStamp(started) && join(store, folder) !== own
        ? [{ folder, at }]
        : [];
    })
    .sort((a, b) =>
      a.at < b.at ? 1 : a.at > b.at ? -1 : b.folder.localeCompare(a.folder, 'en', { numeric: true }),
    )
    .map(({ folder }) => join(store, folder, RECORDING));
}

/** What follows the scenario's name in a folder's. */
const FOLDER = /^\d{8}-\d{6}(?=(-\d+)?$)/;

function foldersIn(store: string): string[] {
  try {
    return readdirSync(store, { withFileTypes: true })
      .filter((one) => !one.isFile())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
