import { appendFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import type { DrillResult } from '../analysis/result.js';
import { Document } from '../document/document.js';
import { annotations, type Place, stepSummary } from '../report/github.js';

/** Most that GitHub takes as summary of a step, bytes; of a longer one it shows nothing at all. */
const MOST = 1024 * 1024;

/**
 * Where this is a GitHub workflow, annotates the run with what was not met and adds the result to the summary of the step.
 * @param file the scenario, where it is known
 * @returns what went wrong
 */
export function tellGitHub(result: DrillResult, { file }: { file?: string | undefined }): string[] {
  const { GITHUB_ACTIONS, GITHUB_WORKSPACE = process.cwd() } = process.env;
  if (GITHUB_ACTIONS === 'true') {
    const placeOf = file === undefined ? () => undefined : places(result, relative(GITHUB_WORKSPACE, file));
    for (const line of annotations(result, placeOf)) console.log(line);
  }
  return addStepSummary(stepSummary(result));
}

/** Where this is a GitHub workflow, adds to the summary of its step. @returns what went wrong */
export function addStepSummary(summary: string): string[] {
  const { GITHUB_STEP_SUMMARY: path } = process.env;
  if (!path) return [];
  try {
    const { size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (size + Buffer.byteLength(summary) > MOST) return ['the summary of this step is full (1 MiB)'];
    appendFileSync(path, summary);
    return [];
  } catch (error) {
    return [`the summary of this step could not be written: ${(error as Error).message}`];
  }
}

/** Where the targets of a scenario stand in its file. */
function places({ scenario }: DrillResult, file: string): (target: number) => Place | undefined {
  const document = new Document({ file, text: scenario.text });
  return (target) => ({ file, line: document.problem(['targets', target], '').line });
}
