import pc from 'picocolors';
import type { Verdict } from '../analysis/judge.js';
import type { DrillResult } from '../analysis/result.js';
import { formatLimit, formatMeasurement, SIGNS } from './words.js';

const paint: Record<Verdict, (text: string) => string> = {
  pass: pc.green,
  fail: pc.red,
  inconclusive: pc.yellow,
};

/** The summary that a run ends with: verdict first, then each target with what was measured beside its limit. */
export function renderTerminal(result: DrillResult): string {
  const { title, verdict, reason, targets, failures, problems, trials } = result;
  const lines = [
    `${paint[verdict](pc.bold(verdict.toUpperCase()))}  ${title}`,
    pc.dim(`      ${reason}`),
    '',
  ];
  const rows = targets.map((target) => ({
    verdict: target.verdict,
    cells: [
      target.text.replace(/\s*(min|median|max|p[\d.]+)?\s*[<>=].*$/, ''),
      formatMeasurement(target.measured, target.unit),
      formatLimit(target),
    ],
  }));
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map(({ cells }) => cells[column]!.length)));
  for (const { verdict, cells } of rows) {
    const text = cells.map((cell, column) => cell.padEnd(widths[column]!)).join('   ');
    lines.push(`  ${paint[verdict](`${SIGNS[verdict]} ${text}`)}`.trimEnd());
  }
  for (const text of failures) lines.push(`  ${pc.red(`${SIGNS.fail} ${text}`)}`);
  for (const text of problems) lines.push(`  ${pc.yellow(`! ${text}`)}`);
  const invalid = trials.filter(({ valid }) => !valid);
  for (const { trial, attempt, disturbances } of invalid) {
    lines.push(
      `  ${pc.yellow(`! trial ${trial}, attempt ${attempt} is invalid: ${disturbances.join('; ')}`)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
