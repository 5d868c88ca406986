import type { Verdict } from '../analysis/judge.js';
import type { DrillResult } from '../analysis/result.js';
import { openingLines } from './markdown.js';
import { formatLimit, formatMeasurement } from './words.js';
import { legalXml } from './xml.js';

const LEVELS: Record<Verdict, string> = { pass: 'notice', fail: 'error', inconclusive: 'warning' };

/** A place in the scenario file. */
export interface Place {
  file: string;
  line: number;
}

/**
 * A drill as annotations of a GitHub workflow, a line each: one for each target that was not met, and one for the verdict.
 * @param placeOf where a target stands, by its number, where that is known
 */
export function annotations(result: DrillResult, placeOf: (target: number) => Place | undefined): string[] {
  const { verdict, title, reason, targets } = result;
  const missed = targets.flatMap((target, index) =>
    target.verdict === 'pass'
      ? []
      : [
          command(
            LEVELS[target.verdict],
            { title: target.text, ...placeOf(index) },
            `measured ${formatMeasurement(target.measured, target.unit)}, limit ${formatLimit(target)}`,
          ),
        ],
  );
  return [...missed, command(LEVELS[verdict], { title: `${verdict}: ${title}` }, reason)];
}

/** A command of a workflow to its runner. Source: actions/toolkit, packages/core/src/command.ts. */
function command(name: string, properties: Record<string, string | number>, message: string): string {
  const written = Object.entries(properties)
    .map(([key, value]) => `${key}=${escapeData(String(value)).replace(/:/g, '%3A').replace(/,/g, '%2C')}`)
    .join(',');
  return `::${name} ${written}::${escapeData(message)}`;
}

const escapeData = (text: string) =>
  legalXml(text).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');

/** A drill for the summary of a workflow's step: what the report opens with, since there is room for 1 MiB in all. */
export const stepSummary = (result: DrillResult): string => `${openingLines(result).join('\n')}\n`;
