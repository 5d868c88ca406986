import type { Comparison, Row } from '../../analysis/comparison/result.js';
import { quantityName } from '../../analysis/quantity.js';
import { plain, table } from '../markdown-text.js';
import { cellsOf, describeMethod, formatChange, formatSide, HEADS, ROW_SIGNS } from './words.js';

const rowsOf = (rows: readonly Row[]): string[] =>
  table(
    ['', ...HEADS],
    rows.map((row) => [ROW_SIGNS[row.verdict], ...cellsOf(row).map(plain)]),
  );

/** A comparison for merge requests and step summaries. */
export function renderMarkdown(comparison: Comparison): string {
  const { verdict, title, reason, baseline, change, rows, unpaired, changes, scenarioDiff } = comparison;
  const others = rows.filter(({ counts }) => !counts);
  return [
    `# ${verdict.toUpperCase()}: ${plain(title)}`,
    '',
    `${plain(reason)}  `,
    `Baseline: ${plain(formatSide(baseline))}  `,
    `Change: ${plain(formatSide(change))}`,
    '',
    ...Object.entries({ baseline, change }).flatMap(([side, { notes }]) =>
      notes.map((note) => `- ${side}: ${plain(note)}`),
    ),
    '',
    '## What targets limit',
    '',
    ...rowsOf(rows.filter(({ counts }) => counts)),
    '',
    ...(others.length > 0 ? ['## What no target limits', '', ...rowsOf(others), ''] : []),
    ...unpaired.map(({ quantity, side }) => `- ${plain(quantityName(quantity))}: only in the ${side}`),
    '',
    '## What else is different',
    '',
    ...(changes.length + scenarioDiff.length > 0 ? [] : ['Nothing.']),
    ...changes.map((one) => `- ${plain(formatChange(one))}`),
    // Indented, since a scenario may hold any fence.
    ...(scenarioDiff.length > 0 ? ['', ...scenarioDiff.map((text) => `    ${text}`)] : []),
    '',
    ...describeMethod(comparison).map((text) => `${plain(text)}  `),
    '',
  ].join('\n');
}
