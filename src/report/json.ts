import { type DrillResult, RESULT_VERSION } from '../analysis/result.js';
import type { ReportFormat } from './report.js';

/** The whole result for programs; an infinite bound is null. */
export const json: ReportFormat = {
  name: 'json',
  description: 'the whole result, for programs',
  file: 'result.json',
  render: (result) => [...piecesOf(result)].join(''),
  pieces: piecesOf,
};

/** A line for each key, and for each item of a list: with one for each number, thousands of trials would be hundreds of megabytes. */
function* piecesOf(result: DrillResult): Generator<string> {
  const entries = Object.entries(result).filter(([, value]) => value !== undefined);
  for (const [index, [key, value]] of entries.entries()) {
    yield `${index === 0 ? '{' : ','}\n${JSON.stringify(key)}: `;
    if (Array.isArray(value) && value.length > 0) {
      for (const [place, item] of value.entries())
        yield `${place === 0 ? '[' : ','}\n${JSON.stringify(item)}`;
      yield '\n]';
    } else yield JSON.stringify(value);
  }
  yield '\n}\n';
}

/** Figures of which only an infinite one is written as null, and which infinity that is. */
const INFINITE: Record<string, number> = {
  value: Number.POSITIVE_INFINITY,
  lower: Number.NEGATIVE_INFINITY,
  upper: Number.POSITIVE_INFINITY,
};

/** Reads what was written so. @throws Error with what is wrong, in a sentence */
export function parseResult(text: string): DrillResult {
  let read: Partial<DrillResult> | null;
  try {
    read = JSON.parse(text) as Partial<DrillResult> | null;
  } catch {
    throw new Error('not the result of a drill (result.json): no whole JSON');
  }
  const isResult = [read?.measured, read?.targets, read?.trials, read?.files].every(Array.isArray);
  if (!isResult || typeof read?.version !== 'number')
    throw new Error('not the result of a drill (result.json)');
  if (read.version !== RESULT_VERSION) {
    const which = read.version > RESULT_VERSION ? 'a newer' : 'an older';
    throw new Error(
      `made by ${which} version of faildrill (result ${read.version}, this one reads ${RESULT_VERSION}); its recording can be judged again: faildrill analyze`,
    );
  }
  reviveIn(read as Record<string, unknown>);
  return read as DrillResult;
}

/** Puts infinite figures back. JSON.parse with a function to do so takes ten times as long, which counts for a thousand results. */
function reviveIn(holder: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(holder)) {
    if (value === null && Object.hasOwn(INFINITE, key)) holder[key] = INFINITE[key];
    // Of a list of figures none has a name.
    else if (
      typeof value === 'object' &&
      value !== null &&
      !(Array.isArray(value) && typeof value[0] === 'number')
    )
      reviveIn(value as Record<string, unknown>);
  }
}
