import pc from 'picocolors';
import type { Comparison, Row, RowVerdict } from '../../analysis/comparison/result.js';
import { quantityName } from '../../analysis/quantity.js';
import { cellsOf, describeMethod, formatChange, formatSide, HEADS, ROW_SIGNS } from './words.js';

const paint: Record<RowVerdict, (text: string) => string> = {
  worse: pc.red,
  better: pc.green,
  same: pc.green,
  'not worse': pc.green,
  different: pc.yellow,
  'cannot tell': pc.yellow,
};

/** A comparison for people at a terminal: verdict first. */
export const renderTerminal = (comparison: Comparison): string =>
  [
    `${paint[comparison.verdict](pc.bold(comparison.verdict.toUpperCase()))}  ${comparison.title}`,
    pc.dim(`      ${comparison.reason}`),
    '',
    renderDetails(comparison),
  ].join('\n');

/** Everything below the verdict. */
export function renderDetails(comparison: Comparison): string {
  const { baseline, change, rows, unpaired, changes, scenarioDiff } = comparison;
  const table = [HEADS, ...rows.map(cellsOf)];
  const widths = HEADS.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('   ')
      .trimEnd();
  const lineOf = (row: Row) => `  ${paint[row.verdict](`${ROW_SIGNS[row.verdict]} ${line(cellsOf(row))}`)}`;
  const limited = rows.filter(({ counts }) => counts);
  const others = rows.filter(({ counts }) => !counts);
  const notes = Object.entries({ baseline, change }).flatMap(([side, { notes }]) =>
    notes.map((note) => pc.yellow(`! ${side}: ${note}`)),
  );
  return `${[
    `  baseline  ${formatSide(baseline)}`,
    `  change    ${formatSide(change)}`,
    ...notes.map((note) => `  ${note}`),
    '',
    pc.dim(`    ${line(HEADS)}`),
    ...limited.map(lineOf),
    ...(others.length > 0 ? [pc.dim('    that no target limits')] : []),
    ...others.map(lineOf),
    ...unpaired.map(({ quantity, side }) => pc.dim(`    ${quantityName(quantity)}: only in the ${side}`)),
    '',
    changes.length + scenarioDiff.length > 0 ? '  also different' : '  nothing else is different',
    ...changes.map((one) => `    ${formatChange(one)}`),
    ...scenarioDiff.map((text) => `    ${text}`),
    '',
    ...describeMethod(comparison).map((text) => pc.dim(`  ${text}`)),
  ].join('\n')}\n`;
}
