import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../analysis/analyze.js';
import type { DrillResult } from '../analysis/result.js';
import { nearest } from '../document/nearest.js';
import { InvalidInput } from '../document/problem.js';
import type { Entry, JudgedEntry } from '../history/entry.js';
import { byTime, isJudged } from '../history/filter.js';
import { RECORDING, readStore } from '../history/store.js';
import { readRecording } from '../recording/reader.js';
import { Reading } from './reading.js';
import { version } from './version.js';

/** Where drills are kept unless another folder is named. */
export const STORE = 'reports';

/**
 * The recording that is meant: by its path, by that of its folder, or by a name of the drill in the store.
 * @throws InvalidInput where it is none of these
 */
export function recordingAt(what: string, store = STORE): string {
  if (existsSync(what)) return statSync(what).isDirectory() ? join(what, RECORDING) : what;
  const isPath = what.includes('/') || what.endsWith('.ndjson');
  // Reading it says what is wrong.
  if (isPath || !existsSync(store)) return what;
  return join(store, drillNamed(what, store).folder, RECORDING);
}

/**
 * The drill of a store that has a name: its folder or the beginning of that, its id, its scenario (the latest drill of it), or `last`.
 * @throws InvalidInput where there is none, or several
 */
function drillNamed(name: string, store: string): Entry {
  const entries = entriesOf(store);
  const judged = entries.filter(isJudged).sort(byTime);
  const exact =
    entries.find(({ folder }) => folder === name) ??
    judged.find(({ drill }) => drill.id === name || drill.name === name) ??
    (name === 'last' ? judged[0] : undefined);
  if (exact) return exact;
  const beginning = entries.filter(({ folder }) => folder.startsWith(name));
  if (beginning.length === 1) return beginning[0]!;
  const fail = (message: string): never => {
    throw new InvalidInput([{ file: store, line: 1, column: 1, message }]);
  };
  if (beginning.length > 1)
    return fail(
      `${beginning.length} drills begin with "${name}", as ${beginning
        .slice(0, 3)
        .map(({ folder }) => folder)
        .join(', ')}`,
    );
  const known = new Set([...entries.map(({ folder }) => folder), ...judged.map(({ drill }) => drill.name)]);
  const near = nearest(name, known);
  return fail(`there is no drill "${name}"${near ? `; did you mean "${near}"?` : '; see faildrill history'}`);
}

/** The drills of a store that could be judged; none where there is no store yet. */
export const judgedIn = (store: string): JudgedEntry[] =>
  existsSync(store) ? entriesOf(store).filter(isJudged) : [];

/** What a store holds. What cannot be said in the list goes to standard error. @throws InvalidInput where there is no store */
export function entriesOf(store: string, { rebuild = false } = {}): Entry[] {
  const reading = new Reading();
  try {
    const { entries, problem } = readStore(store, { version, rebuild, notice: (at) => reading.notice(at) });
    if (problem !== undefined) reading.warn(problem);
    return entries;
  } finally {
    reading.end();
  }
}

/** Reads and judges a recording. @throws InvalidInput for one that cannot be judged */
export const judged = (recording: string): DrillResult =>
  concerning(recording, () => analyze(readRecording(recording)));

/** Does something with a recording; what goes wrong is a problem of that file. */
export function concerning<T>(recording: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    const { message } = error as Error;
    throw new InvalidInput([{ file: recording, line: 1, column: 1, message }]);
  }
}
