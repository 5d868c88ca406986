import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../analysis/analyze.js';
import type { DrillResult } from '../analysis/result.js';
import { InvalidInput } from '../document/problem.js';
import { readRecording } from '../recording/reader.js';

/** The recording that a path names: itself, or the one in a folder. */
export const recordingAt = (path: string): string =>
  existsSync(path) && statSync(path).isDirectory() ? join(path, 'recording.ndjson') : path;

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
