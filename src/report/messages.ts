import { SERIOUSNESS, type Verdict } from '../analysis/judge.js';
import type { DrillResult } from '../analysis/result.js';
import { summarise } from './summary.js';
import { formatLimit, formatMeasurement, SIGNS } from './words.js';
import { legalXml } from './xml.js';

/** Colour of a verdict, for messages that have one. */
export const COLOURS: Record<Verdict, string> = { pass: '#1a7f37', fail: '#cf222e', inconclusive: '#9a6700' };

/** Most targets that a message lists; those that were not met come first. */
const LISTED = 10;

/** What a message says of a drill. Plain text, each part one line, each short enough for every receiver. */
export interface MessageParts {
  /** `✗ FAIL: title`. */
  heading: string;
  summary: string[];
  targets: { name: string; value: string }[];
  /** That there are more targets than are listed, where there are: none or one line. */
  more: string[];
}

/** What a message says of a drill. */
export function messageParts(result: DrillResult): MessageParts {
  const { verdict, title, targets, failures, problems } = result;
  const ordered = [...targets].sort(
    (a, b) => SERIOUSNESS.indexOf(a.verdict) - SERIOUSNESS.indexOf(b.verdict),
  );
  return {
    heading: line(`${SIGNS[verdict]} ${verdict.toUpperCase()}: ${title}`, 140),
    summary: [...summarise(result), ...failures, ...problems].slice(0, 8).map((text) => line(text, 320)),
    targets: ordered.slice(0, LISTED).map((target) => ({
      name: line(`${SIGNS[target.verdict]} ${target.text}`, 200),
      value: line(`${formatMeasurement(target.measured, target.unit)}, limit ${formatLimit(target)}`, 200),
    })),
    more: ordered.length > LISTED ? [`and ${ordered.length - LISTED} more targets`] : [],
  };
}

/** Text on one line, at most so many characters, without those that no format can hold. */
const line = (text: string, most: number): string => {
  const characters = [...legalXml(text).replace(/\s+/g, ' ').trim()];
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
};
