import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { analyze } from '../analysis/analyze.js';
import type { DrillResult } from '../analysis/result.js';
import { InvalidInput, unreadable } from '../document/problem.js';
import { readRecording } from '../recording/reader.js';
import { type Entry, summaryOf } from './entry.js';
import { appendToIndex, hasIndex, readIndex, replaceIndex } from './index-file.js';

/** The file of a drill's folder that everything else can be made from. */
export const RECORDING = 'recording.ndjson';

/** Lines of the index that nothing rests on any more, from which on it is written anew. */
const MOST_STALE = 1000;

export interface ReadOptions {
  /** Version of faildrill that judges. */
  version: string;
  /** Judges every recording again, whatever the index says. */
  rebuild?: boolean;
  /** Told before each recording that has to be judged. */
  notice?: (progress: { folder: string; number: number; of: number }) => void;
}

export interface Store {
  entries: Entry[];
  /** Why the index could not be written; the entries are right all the same. */
  problem?: string;
}

/**
 * Reads what a store holds: a folder for each drill. What the index does not know, or knows of another state of the recording, is judged now and
 * noted. So the index may be deleted, be of another version, or lack a drill.
 * @throws InvalidInput where there is no such folder
 */
export function readStore(store: string, { version, rebuild = false, notice }: ReadOptions): Store {
  const found = recordingsIn(store);
  const { entries: known, lines } = rebuild
    ? { entries: new Map<string, Entry>(), lines: 0 }
    : readIndex(store);
  const isCurrent = ({ folder, bytes, changed }: Stamp) => {
    const entry = known.get(folder);
    // Another version may be able to read what this one could not.
    const isWorthIt = entry?.problem !== undefined && entry.judgedBy !== version;
    return entry?.bytes === bytes && entry.changed === changed && !isWorthIt;
  };
  const unknown = found.filter((stamp) => !isCurrent(stamp));
  const fresh = new Map<string, Entry>();
  let problem: string | undefined;
  const write = (act: () => void) => {
    try {
      act();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      problem = `the index of ${store} cannot be written (${code}), so each listing takes as long as this one`;
    }
  };
  for (const [index, stamp] of unknown.entries()) {
    notice?.({ folder: stamp.folder, number: index + 1, of: unknown.length });
    const entry = entryFor(store, stamp, version);
    fresh.set(entry.folder, entry);
    // One by one, so that whoever stops it here goes on from here.
    if (!rebuild) write(() => appendToIndex(store, [entry]));
  }
  const entries = found.map(({ folder }) => fresh.get(folder) ?? known.get(folder)!);
  if (rebuild || lines > entries.length + MOST_STALE) write(() => replaceIndex(store, entries));
  return { entries, ...(problem !== undefined && { problem }) };
}

/** Whether a recording is that of a drill in a store: in a folder of its own, in one that has an index. */
export const isInStore = (recording: string): boolean =>
  basename(recording) === RECORDING && hasIndex(dirname(dirname(resolve(recording))));

/** Notes a drill that was judged just now in the index of its store. @throws where the index cannot be written */
export function noteDrill(recording: string, result: DrillResult, version: string): void {
  const folder = dirname(resolve(recording));
  const { size: bytes, mtimeMs: changed } = statSync(recording);
  appendToIndex(dirname(folder), [
    { folder: basename(folder), bytes, changed, judgedBy: version, drill: summaryOf(result) },
  ]);
}

/** A recording's folder, and by what it is known to be the same. */
type Stamp = Pick<Entry, 'folder' | 'bytes' | 'changed'>;

function recordingsIn(store: string): Stamp[] {
  let folders: string[];
  try {
    folders = readdirSync(store, { withFileTypes: true })
      .filter((one) => !one.isFile())
      .map(({ name }) => name);
  } catch (error) {
    throw unreadable(store, error);
  }
  return folders.flatMap((folder): Stamp[] => {
    const stat = statSync(join(store, folder, RECORDING), { throwIfNoEntry: false });
    return stat ? [{ folder, bytes: stat.size, changed: stat.mtimeMs }] : [];
  });
}

function entryFor(store: string, stamp: Stamp, version: string): Entry {
  const entry = { ...stamp, judgedBy: version };
  try {
    return { ...entry, drill: summaryOf(analyze(readRecording(join(store, stamp.folder, RECORDING)))) };
  } catch (error) {
    return { ...entry, problem: inWords(error as Error) };
  }
}

/** What is wrong with a recording, without its path. */
const inWords = (error: Error): string =>
  error instanceof InvalidInput
    ? error.problems.map(({ line, message }) => (line > 1 ? `line ${line}: ${message}` : message)).join('; ')
    : error.message;
