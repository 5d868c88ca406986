import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../analysis/comparison/result.js';
import type { DrillResult } from '../analysis/result.js';
import { byTime, isJudged } from '../history/filter.js';
import { RECORDING } from '../history/store.js';
import { parseResult } from '../report/json.js';
import { concerning, entriesOf, judged, recordingAt } from './recordings.js';

/**
 * The drill that a scenario is held against: a recording, its folder, or a drill by name; a `result.json`; the result of a comparison, whose baseline
 * stays the baseline; or a folder of drills, of which the latest whole one of the scenario is taken.
 * @param store where a name is looked up
 * @throws InvalidInput where there is none, or it is of another scenario
 */
export function baselineFor(
  what: string,
  { scenario, store }: { scenario: string; store: string },
): DrillResult {
  const baseline = resultAt(what, { scenario, store });
  return concerning(what, () => {
    if (baseline.name === scenario) return baseline;
    throw new Error(`of another scenario than the drill: ${baseline.name}, not ${scenario}`);
  });
}

function resultAt(what: string, { scenario, store }: { scenario: string; store: string }): DrillResult {
  const stat = statSync(what, { throwIfNoEntry: false });
  if (stat?.isFile() && what.endsWith('.json')) return fromJson(what, store);
  if (stat?.isDirectory() && !existsSync(join(what, RECORDING))) return latestOf(scenario, what);
  return judged(recordingAt(what, store));
}

function fromJson(file: string, store: string): DrillResult {
  const text = readFileSync(file, 'utf8');
  return concerning(file, () => {
    const id = comparedIn(text);
    return id === undefined ? parseResult(text) : judged(recordingAt(id, store));
  });
}

/** The id of the baseline, where a text is the result of a comparison. */
function comparedIn(text: string): string | undefined {
  try {
    const { rows, baseline } = JSON.parse(text) as Partial<Comparison>;
    return Array.isArray(rows) ? baseline?.id : undefined;
  } catch {
    return undefined;
  }
}

function latestOf(scenario: string, store: string): DrillResult {
  const whole = entriesOf(store)
    .filter(isJudged)
    .filter(({ drill }) => drill.name === scenario && drill.outcome === 'complete')
    .sort(byTime);
  return concerning(store, () => {
    if (whole[0]) return judged(join(store, whole[0].folder, RECORDING));
    throw new Error(`there is no whole drill of ${scenario} in this folder`);
  });
}
